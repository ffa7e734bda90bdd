// The day's budget: whether one more request fits. Money is counted in whole micro-dollars.
//
// What always holds, whatever becomes of Redis and of other processes:
// 1. A process spends only what it holds, and what it holds stands in the ledger before. What it gives up, it first
//    stops to count on. So the ledger never says less than what is spent.
// 2. Whoever has a connection hears of each change before any later answer, and takes no more than what that leaves,
//    whatever the ledger says. So a ledger that was lost is rebuilt by any process that lives.
// 3. Without an answer, or with a refusal, there is nothing but what is held already: a small part set aside.
import { createDay, type Day } from './day.js'
import type { Ledger } from './ledger.js'

export type Spend = {
  /**
   * Takes the price of one request out of the budget; `undefined` if so much is not left, or if the look-up is stopped
   * while the ledger is waited for. At once where it can be, and without a ledger always. Never rejects.
   */
  reserve(lookup: Stoppable): Reservation | undefined | Promise<Reservation | undefined>
  /** How long it is until there may be more. */
  secondsLeft(): number
  /** Whether the day's budget is used up, as far as is known here. Asks nobody. */
  isUsedUp(): boolean
  /** The day's limit, and what is left of it as far as is known here. Asks nobody. */
  today(): { readonly limitMicroUsd: number; readonly leftMicroUsd: number }
  /** Gives back what is set aside; from now on nothing is left. */
  close(): Promise<void>
}

/** What waits, and how to end that. */
type Stoppable = { stop: (() => void) | undefined }

/** The price of one request, on one day. */
type Reservation = {
  /**
   * To be asked right before the request is written. `false` if the day is over: then it is given back already, nothing
   * may be sent for it, and another is needed.
   */
  confirm(): boolean
  /** If nothing was sent for it. A second time it does nothing. */
  refund(): void
}

export type SpendOptions = { readonly limitMicroUsd: number; readonly priceMicroUsd: number }

type Give = (reservation: Reservation | undefined) => void

const DAY_MS = 86_400_000
/** A clock that is set back over midnight finds its day again. */
const MAX_DAYS = 3
/** A ledger that does not answer is asked so often before those who wait are refused. */
const MAX_MISSES = 10
const RETRY_MS = 100
/** When to ask again for what the ledger could not be asked about. */
const RETRY_SECONDS = 2

export function createSpend(
  { nowMs, ledger: shared }: { readonly nowMs: () => number; readonly ledger?: Ledger | undefined },
  { limitMicroUsd, priceMicroUsd }: SpendOptions,
): Spend {
  const ledger = priceMicroUsd > 0 ? shared : undefined
  const days = new Map<string, Day>()
  const waiting = new Set<Give>()
  let last: { readonly number: number; readonly day: Day } | undefined
  let settling: Promise<void> | undefined
  let isDue = false
  let isClosed = false
  let misses = 0
  let wake = () => {}

  function findDay(date: string): Day {
    const freeMicroUsd = ledger ? 0 : limitMicroUsd
    const day = days.get(date) ?? createDay(date, { limitMicroUsd, priceMicroUsd, freeMicroUsd })
    days.set(date, day)
    const [oldest] = days.keys()
    if (days.size > MAX_DAYS && oldest !== undefined) days.delete(oldest)
    return day
  }

  function findToday(): Day {
    const number = Math.floor(nowMs() / DAY_MS)
    if (last?.number !== number) {
      last = { number, day: findDay(new Date(number * DAY_MS).toISOString().slice(0, 10)) }
    }
    return last.day
  }

  function take(day: Day): Reservation {
    day.spend()
    let isTaken = true
    function refund(): void {
      if (!isTaken) return
      isTaken = false
      day.refund()
      settle()
    }
    function confirm(): boolean {
      if (day === findToday()) return true
      refund()
      return false
    }
    return { confirm, refund }
  }

  /** One claim at a time, for all who wait. */
  function settle(): void {
    isDue = true
    if (ledger) settling ??= claimAll(ledger)
  }

  async function claimAll(from: Ledger): Promise<void> {
    while (isDue) {
      isDue = false
      const batch = [...waiting]
      const day = findToday()
      const answer = await from.claim(day.date, day.toClaim(batch.length, { setsAside: !isClosed }))
      misses = answer ? 0 : misses + 1
      if (answer) day.hold(answer)
      if (day !== findToday()) {
        isDue = true
        continue
      }
      for (const give of batch) if (waiting.has(give) && day.hasRoom()) give(take(day))
      const refused = batch.filter((give) => waiting.has(give))
      if (answer?.isOpen || misses >= MAX_MISSES) for (const give of refused) give(undefined)
      else if (answer || refused.length > 0) await pause()
    }
    settling = undefined // at once, so that whoever was just served and asks again is not overlooked
  }

  /** Then there is another claim to make. */
  async function pause(): Promise<void> {
    if (isClosed) return
    isDue = true
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function queue(lookup: Stoppable): Promise<Reservation | undefined> {
    return new Promise((resolve) => {
      const give: Give = (reservation) => {
        waiting.delete(give)
        lookup.stop = undefined
        resolve(reservation)
      }
      lookup.stop = () => give(undefined)
      waiting.add(give)
      settle()
    })
  }

  ledger?.listen({
    onChange: (date, owner, entry) => {
      const day = findDay(date)
      day.learn(owner, entry)
      if (day === findToday() && day.isRich()) settle()
    },
    onDue: () => {
      wake()
      settle()
    },
  })

  return {
    reserve: (lookup) => {
      const day = findToday()
      if (isClosed) return undefined
      if (waiting.size > 0 || !day.hasRoom()) return ledger && queue(lookup)
      const reservation = take(day)
      if (ledger && day.isLow()) settle()
      return reservation
    },
    secondsLeft: () => (misses > 0 ? RETRY_SECONDS : Math.ceil((DAY_MS - (nowMs() % DAY_MS)) / 1000)),
    isUsedUp: () => findToday().isUsedUp(),
    today: () => ({ limitMicroUsd, leftMicroUsd: findToday().leftMicroUsd() }),
    close: async () => {
      isClosed = true
      for (const give of waiting) give(undefined)
      wake()
      settle()
      await settling
    },
  }
}
