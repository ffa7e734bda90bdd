// Names of files, from wherever they come: in any script, but names and nothing else.

/** What file systems take. */
const MAX_NAME_BYTES = 255

/** Without folders, controls, and marks that turn the direction of writing. */
export function toBareName(filename: string): string {
  const last = filename.split(/[/\\]/).at(-1) ?? ''
  return last.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
}

/** The name to upload a file by; `undefined` where nothing is left that could be one, or it is too long for one. */
export function parseUploadName(filename: unknown): string | undefined {
  const name = typeof filename === 'string' ? toBareName(filename).trim() : ''
  const isName = !/^\.*$/.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES
  return isName ? name : undefined
}
