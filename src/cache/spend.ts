// The day's budget: what all processes of an account have spent since midnight UTC, and whether one more request fits.
// Redis adds up; without it, a process goes on with what it knows. Money is counted in whole micro-dollars.
import type { Redis } from './redis.js'

export type Spend = {
  /** Takes the price of one request out of the budget; `undefined` if so much is not left. Never rejects. */
  reserve(): Promise<Reservation | undefined>
  /** How long it is until there is a new budget. */
  secondsLeft(): number
}

/** To be given back, once at most, if nothing was sent for it. */
type Reservation = { refund(): void }

/** The ledger that processes share. */
export type Ledger = {
  readonly redis: Redis
  /** What all keys of the account begin with. */
  readonly prefix: string
  /** Tells this process from all others. */
  readonly owner: string
}

export type SpendOptions = { readonly limitMicroUsd: number; readonly priceMicroUsd: number }

type Day = {
  readonly date: string
  /** What this process has taken out and not given back. */
  ownMicroUsd: number
  /** The same of all others, when the ledger was asked last. */
  othersMicroUsd: number
  /** What the others had spent, at least: a ledger that was lost does not make it undone. */
  floorMicroUsd: number
}

const DAY_MS = 86_400_000
/** A clock that is set back over midnight finds its day again. */
const MAX_DAYS = 3

// Key: the ledger of a day, with a sum for each process. Values: whose it is, its sum, how many requests it wants,
// their price, the limit, for how long the ledger is kept, the floor, and what the others had spent when it asked last.
// Gives back how many it gets, what the others spent, and the floor. Whoever asks says its whole sum, so that with the
// next answer all is well again, whatever got lost; a ledger in which it does not stand any more is a new one.
const RESERVE = `
local ledger, others, floor = redis.pcall('HGETALL', KEYS[1]), 0, tonumber(ARGV[8])
if ledger.err then redis.call('DEL', KEYS[1]) end
for i = 1, #ledger, 2 do
  if ledger[i] == ARGV[1] then floor = tonumber(ARGV[7]) else others = others + (tonumber(ledger[i + 1]) or 0) end
end
others = math.max(others, floor)
local own, count, price = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if price > 0 then count = math.max(0, math.min(count, math.floor((tonumber(ARGV[5]) - others - own) / price))) end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', own + count * price))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return {count, others, floor}`

export function createSpend(
  { nowMs, ledger }: { readonly nowMs: () => number; readonly ledger?: Ledger | undefined },
  { limitMicroUsd, priceMicroUsd }: SpendOptions,
): Spend {
  const days = new Map<string, Day>()
  let waiting: ((reservation: Reservation | undefined) => void)[] = []
  let isChanged = false
  let isBusy = false

  function findToday(): Day {
    const date = new Date(nowMs()).toISOString().slice(0, 10)
    const day = days.get(date) ?? { date, ownMicroUsd: 0, othersMicroUsd: 0, floorMicroUsd: 0 }
    days.set(date, day)
    const [oldest] = days.keys()
    if (days.size > MAX_DAYS && oldest !== undefined) days.delete(oldest)
    return day
  }

  /** One question at a time, for all who wait: so that each says a sum that is settled. */
  async function settle(): Promise<void> {
    if (isBusy) return
    isBusy = true
    while (waiting.length > 0 || isChanged) {
      const batch = waiting
      const day = findToday()
      waiting = []
      isChanged = false
      const count = await take(day, batch.length)
      day.ownMicroUsd += count * priceMicroUsd
      for (const [index, give] of batch.entries()) give(index < count ? createReservation(day) : undefined)
    }
    isBusy = false
  }

  /** How many of the requests fit. */
  async function take(day: Day, wanted: number): Promise<number> {
    const reply = ledger?.redis.isWell() ? await ask(ledger, day, wanted) : undefined
    const [count, othersMicroUsd, floorMicroUsd] = Array.isArray(reply) ? (reply as unknown[]) : []
    if (isCount(count) && count <= wanted && isCount(othersMicroUsd) && isCount(floorMicroUsd)) {
      Object.assign(day, { othersMicroUsd, floorMicroUsd })
      return count
    }
    if (priceMicroUsd === 0) return wanted
    const leftMicroUsd = limitMicroUsd - day.othersMicroUsd - day.ownMicroUsd
    return Math.max(0, Math.min(wanted, Math.floor(leftMicroUsd / priceMicroUsd)))
  }

  function ask({ redis, prefix, owner }: Ledger, day: Day, wanted: number): Promise<unknown> {
    const { date, ownMicroUsd, othersMicroUsd, floorMicroUsd } = day
    const sums = [
      ownMicroUsd,
      wanted,
      priceMicroUsd,
      limitMicroUsd,
      2 * DAY_MS,
      floorMicroUsd,
      othersMicroUsd,
    ]
    return redis.run(RESERVE, [`${prefix}:spend:${date}`], [owner, ...sums.map(String)])
  }

  function createReservation(day: Day): Reservation {
    return {
      refund: () => {
        day.ownMicroUsd -= priceMicroUsd
        isChanged = ledger !== undefined
        void settle()
      },
    }
  }

  return {
    reserve: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        void settle()
      }),
    secondsLeft: () => Math.ceil((DAY_MS - (nowMs() % DAY_MS)) / 1000),
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
