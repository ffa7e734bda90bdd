// Formats times. `Date` takes more than a microsecond each, nearly as long as the rest of a small answer.

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** The year 10,000. Later times, and those before 1970, have another format. */
const END_MS = 253_402_300_800_000
const MAX_DAYS = 4096

const days = new Map<number, string>()
const minutes: string[] = []

/** Like `Date.prototype.toISOString`; `undefined` for an invalid time. */
export function toIsoText(timeMs: number): string | undefined {
  if (!(Number.isInteger(timeMs) && timeMs >= 0 && timeMs < END_MS)) return toSlowly(timeMs)
  const day = Math.floor(timeMs / DAY_MS)
  const minute = Math.floor((timeMs - day * DAY_MS) / MINUTE_MS)
  const restMs = timeMs % MINUTE_MS
  minutes[minute] ??= new Date(minute * MINUTE_MS).toISOString().slice(11, 17)
  return `${toDay(day)}${minutes[minute]}${pad(Math.floor(restMs / 1000), 2)}.${pad(restMs % 1000, 3)}Z`
}

function toDay(day: number): string {
  const known = days.get(day)
  if (known !== undefined) return known
  const text = new Date(day * DAY_MS).toISOString().slice(0, 11)
  if (days.size >= MAX_DAYS) days.clear()
  days.set(day, text)
  return text
}

function pad(value: number, length: number): string {
  return `${value}`.padStart(length, '0')
}

function toSlowly(timeMs: number): string | undefined {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
