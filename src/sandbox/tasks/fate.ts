// The prompts and texts that decide how their task ends. Any other task succeeds.

export type Fate =
  | { readonly kind: 'success' }
  /** Succeeds, but its file is not found for a while. */
  | { readonly kind: 'late-file' }
  | { readonly kind: 'failure'; readonly code: number }
  | { readonly kind: 'expired' }
  /** Never ends. */
  | { readonly kind: 'stuck' }
  /** Never ends either, with an unknown status. */
  | { readonly kind: 'odd' }
  /** The creation is refused. */
  | { readonly kind: 'refused'; readonly code: number }
  /** Succeeds, but the answer to its creation is lost. */
  | { readonly kind: 'unknown-outcome' }

const fates: readonly [pattern: RegExp, toFate: (digits: string) => Fate][] = [
  [/^fail (\d{1,5})$/, (code) => ({ kind: 'failure', code: Number(code) })],
  [/^refuse (\d{1,5})$/, (code) => ({ kind: 'refused', code: Number(code) })],
  [/^stuck$/, () => ({ kind: 'stuck' })],
  [/^expired$/, () => ({ kind: 'expired' })],
  [/^odd status$/, () => ({ kind: 'odd' })],
  [/^late file$/, () => ({ kind: 'late-file' })],
  [/^unknown outcome$/, () => ({ kind: 'unknown-outcome' })],
]

export function findFate(text: string): Fate {
  const words = text.trim().toLowerCase()
  for (const [pattern, toFate] of fates) {
    const match = pattern.exec(words)
    if (match) return toFate(match[1] ?? '')
  }
  return { kind: 'success' }
}
