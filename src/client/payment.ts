// What a transfer costs: one call, paid from the day on which it is sent, and taken note of when it has ended.
import { FileError } from '../errors.js'
import type { Meter } from '../file.js'
import { type AskDependencies, DayOver, type Reservation, toSpent } from './ask.js'

export type Payment = {
  /** Right before the request is written. Throws `DayOver`. */
  onSend(): void
  /** How it ended; what was not sent is given back. */
  conclude(ending: Parameters<AskDependencies['record']>[0]): void
}

type Payer = { readonly signal: AbortSignal; readonly meter: Meter }

/** Rejects with a `FileError` where there is no money for it, or nobody waits for it any more. */
export function createPayments({
  clock,
  spend,
  record,
}: Pick<AskDependencies, 'clock' | 'spend' | 'record'>): (payer: Payer) => Promise<Payment> {
  async function reserve({ signal }: Payer): Promise<Reservation | undefined> {
    if (spend === undefined) return undefined
    const waiting: { stop: (() => void) | undefined } = { stop: undefined }
    const stop = () => waiting.stop?.()
    signal.addEventListener('abort', stop)
    const reservation = await spend.reserve(waiting)
    signal.removeEventListener('abort', stop)
    if (reservation) return reservation
    if (signal.aborted) throw new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
    throw toSpent(spend.secondsLeft()).error
  }

  return async (payer) => {
    const reservation = await reserve(payer)
    let sentMs: number | undefined
    return {
      onSend: () => {
        if (reservation?.confirm() === false) throw new DayOver()
        sentMs = clock.monotonicMs()
        payer.meter.sent()
      },
      conclude: (ending) => {
        if (sentMs === undefined) reservation?.refund()
        else record(ending, clock.monotonicMs() - sentMs)
      },
    }
  }
}
