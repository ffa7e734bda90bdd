// The day's budget: whether one more request fits. Money is counted in whole micro-dollars.
//
// The invariant: at every moment, spent ≤ held for each process, and the sum of all that is held ≤ the day's limit.
//
// With Redis the ledger (ledger.ts) says what each process holds. The invariant survives crashes, a Redis that is down, and a
// ledger that is lost, because:
// 1. A process raises what it holds only after the ledger has confirmed it, and lowers it before it tells the ledger. So the
//    ledger never shows less than a process may spend.
// 2. A connected process hears of every change of the ledger before any later answer. It never takes more than the limit minus
//    what it knows of the others, whatever the ledger shows, and it restores entries that the ledger has lost.
// 3. Without an answer, a process spends only what it already holds: the small reserve that it sets aside (day.ts).
//
// It does not survive that Redis loses the ledger while no process is connected, or is replaced by an older copy of itself.
// Without Redis the process holds the whole limit from the start.
import { createDay, type Day } from './day.js'
import type { Ledger } from './ledger.js'

export type Spend = {
  /**
   * Reserves the price of one request. `undefined` if the budget is used up, or if the look-up is stopped while it waits for
   * the ledger. Answers without a promise if no ledger has to be asked. Never rejects.
   */
  reserve(lookup: Stoppable): Reservation | undefined | Promise<Reservation | undefined>
  /** When to try again after a refusal. */
  secondsLeft(): number
  /** Whether this process knows that the day's budget is used up. Sends nothing. */
  isUsedUp(): boolean
  /** Gives the reserve back. Refuses everything afterwards. */
  close(): Promise<void>
}

/** A look-up that waits. `stop` ends the wait. */
type Stoppable = { stop: (() => void) | undefined }

/** The price of one request, reserved for one day. */
type Reservation = {
  /**
   * Call it right before the request is written. `false` if the day has ended meanwhile: the reservation is refunded, and
   * the request must not be sent without a new one.
   */
  confirm(): boolean
  /** Call it if nothing was sent. A second call does nothing. */
  refund(): void
}

export type SpendOptions = { readonly limitMicroUsd: number; readonly priceMicroUsd: number }

type Give = (reservation: Reservation | undefined) => void

const DAY_MS = 86_400_000
/** More than one, so that a clock that is set back over midnight finds its day again. */
const MAX_DAYS = 3
/** How often the ledger is asked in vain before those who wait are refused. */
const MAX_MISSES = 10
const RETRY_MS = 100
/** `secondsLeft` while the ledger does not answer. */
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

  /** Makes one claim at a time, for all who wait. */
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
    settling = undefined // in the same tick as the last check of `isDue`, so that no request in between is missed
  }

  /** Waits before the next claim. */
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
      const leave = () => give(undefined)
      lookup.stop = leave
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
    close: async () => {
      isClosed = true
      for (const give of waiting) give(undefined)
      wake()
      settle()
      await settling
    },
  }
}
