// Reads what processes write down for each other. It may be of another version or forged, so each value is checked: all of these
// throw a `TypeError` for what does not fit. Part of the domain; imports nothing.

export function toMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : fail()
}

/** Times, sizes and waits: none is negative. */
export function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail()
}

export function toText(value: unknown): string {
  return typeof value === 'string' && value.isWellFormed() ? value : fail()
}

export function orNull<T>(value: unknown, to: (value: unknown) => T): T | null {
  return value === null ? null : to(value)
}

export function fail(): never {
  throw new TypeError('The value does not fit.')
}
