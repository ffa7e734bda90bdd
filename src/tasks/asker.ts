// Work that goes on though the client who caused it has left.
import type { Asker } from '../file.js'

/** The same asker for the log, but one that never leaves. */
export function toPatient({ requestId }: Asker): Asker {
  return { ...(requestId !== undefined && { requestId }), hasLeft: false, onLeave() {}, offLeave() {} }
}
