// A secret in a file, as orchestrators mount them. No message contains any of its content.
import { closeSync, openSync, readSync } from 'node:fs'

const MAX_BYTES = 64 * 1024

/** The text without the final newline, or a fault that completes the sentence "The file …". */
export function readSecretFile(path: string): { readonly text: string } | { readonly fault: string } {
  try {
    const bytes = readBytes(path)
    if (bytes.length > MAX_BYTES) return { fault: `is larger than ${MAX_BYTES / 1024} KiB` }
    const text = bytes.toString('utf8').replace(/\r?\n$/, '')
    return text === '' ? { fault: 'is empty' } : { text }
  } catch (error) {
    return { fault: `cannot be read: ${toReadFault(error)}` }
  }
}

/** Reads one byte more than allowed at most, since a pipe or a device reports no size. */
function readBytes(path: string): Buffer {
  const buffer = Buffer.alloc(MAX_BYTES + 1)
  const file = openSync(path, 'r')
  try {
    let length = 0
    for (let read = 1; read > 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null)
    }
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
}

function toReadFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return reasons[code] ?? code
}
