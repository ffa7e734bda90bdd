// The file names that make their upload fail. The extension does not matter.

import type { Fault } from '../faults.js'

/** What such a name does: during the upload, or after it. */
export type NameMagic =
  | { readonly when: 'named' | 'uploaded'; readonly fault: Fault }
  | { readonly when: 'reading'; readonly slow: true }

const names: readonly [pattern: RegExp, magic: (digits: string) => NameMagic][] = [
  [/^fail-(\d{1,5})$/, (code) => ({ when: 'uploaded', fault: { name: 'base', code: Number(code) } })],
  [
    /^http-([45]\d\d)$/,
    (status) => ({ when: 'uploaded', fault: { name: 'status', status: Number(status) } }),
  ],
  [/^reset$/, () => ({ when: 'named', fault: { name: 'reset' } })],
  [/^slow$/, () => ({ when: 'reading', slow: true })],
  [/^unknown-outcome$/, () => ({ when: 'uploaded', fault: { name: 'lost' } })],
]

export function findNameMagic(filename: string): NameMagic | undefined {
  const stem = filename.replace(/\.[^.]*$/, '')
  for (const [pattern, magic] of names) {
    const match = pattern.exec(stem)
    if (match) return magic(match[1] ?? '')
  }
  return undefined
}
