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
   * Reserves the price of one request, by default that of a call. `undefined` if so much is not left, or if the look-up is
   * stopped while it waits for the ledger. Answers without a promise if no ledger has to be asked. Never rejects.
   */
  reserve(
    lookup: Stoppable,
    priceMicroUsd?: number,
  ): Reservation | undefined | Promise<Reservation | undefined>
  /**
   * When to try again after so much was refused: soon, while it may turn out that there is enough for it, since what others
   * have reserved is not all spent; else when the day ends.
   */
  secondsLeft(priceMicroUsd?: number): number
  /** Whether this process knows that the day's budget is used up. Sends nothing. */
  isUsedUp(): boolean
  /** The day's limit, and what this process knows to be left of it. Sends nothing. */
  today(): { readonly limitMicroUsd: number; readonly leftMicroUsd: number }
  /** Gives the reserve back. From then on only what costs nothing is allowed. */
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
  /**
   * Call it if nothing was sent, or, for a request that is dearer than a call, once it is known how much was not charged, be it
   * nothing. A second call does nothing.
   */
  refund(microUsd?: number): void
}

/** `priceMicroUsd`: of a call. */
export type SpendOptions = { readonly limitMicroUsd: number; readonly priceMicroUsd: number }

/** A request that waits for its price. `rounds`: how often it may be told to wait on. */
type Waiter = {
  readonly priceMicroUsd: number
  readonly give: (reservation: Reservation | undefined) => void
  rounds: number
}

/** For a request that costs nothing, on whatever day. */
const FREE: Reservation = { confirm: () => true, refund() {} }
const DAY_MS = 86_400_000
/** More than one, so that a clock that is set back over midnight finds its day again. */
const MAX_DAYS = 3
/** How often the ledger is asked in vain before those who wait are refused. */
const MAX_MISSES = 10
const RETRY_MS = 100
/** How often a dear request waits for others to give up their reserves, which they do once they hear of its claim. */
const MAX_ROUNDS = 5
/** `secondsLeft` while the ledger does not answer, or what is reserved may be refunded. */
const RETRY_SECONDS = 2

export function createSpend(
  { nowMs, ledger }: { readonly nowMs: () => number; readonly ledger?: Ledger | undefined },
  { limitMicroUsd, priceMicroUsd: callMicroUsd }: SpendOptions,
): Spend {
  const days = new Map<string, Day>()
  const waiting = new Set<Waiter>()
  let last: { readonly number: number; readonly day: Day } | undefined
  let settling: Promise<void> | undefined
  let isDue = false
  let isClosed = false
  let misses = 0
  let wake = () => {}

  function findDay(date: string): Day {
    const freeMicroUsd = ledger ? 0 : limitMicroUsd
    const day =
      days.get(date) ??
      createDay(date, { limitMicroUsd, priceMicroUsd: Math.max(callMicroUsd, 1), freeMicroUsd })
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

  function take(day: Day, priceMicroUsd: number): Reservation {
    day.spend(priceMicroUsd)
    day.expect(priceMicroUsd)
    let isTaken = true
    let isExpected = true
    function conclude(): void {
      if (isExpected) day.expect(-priceMicroUsd)
      isExpected = false
    }
    function refund(microUsd = priceMicroUsd): void {
      if (!isTaken) return
      isTaken = false
      conclude()
      if (microUsd === 0) return
      day.refund(microUsd)
      settle()
    }
    function confirm(): boolean {
      if (day !== findToday()) {
        refund()
        return false
      }
      if (priceMicroUsd <= callMicroUsd) conclude() // a call that is sent is paid, whatever it finds
      return true
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
      const answer = await from.claim(day.date, day.toClaim(sum(batch), { setsAside: !isClosed }))
      misses = answer ? 0 : misses + 1
      if (answer) day.hold(answer)
      if (day !== findToday()) {
        isDue = true
        continue
      }
      for (const { give, priceMicroUsd } of batch.filter((each) => waiting.has(each)))
        if (day.hasRoom(priceMicroUsd)) give(take(day, priceMicroUsd))
      const short = batch.filter((each) => waiting.has(each))
      const isFinal = answer?.isOpen || misses >= MAX_MISSES
      const refused = isFinal ? short.filter((each) => !mayWait(each, day)) : []
      for (const { give } of refused) give(undefined)
      // What was taken for those who are refused is of use to others.
      if (refused.length > 0 && day.isRich()) isDue = true
      if (refused.length < short.length || (answer && !answer.isOpen)) await pause()
    }
    settling = undefined // in the same tick as the last check of `isDue`, so that no request in between is missed
  }

  /** Whether the reserves of others may make up for what is missing. */
  function mayWait(each: Waiter, day: Day): boolean {
    return (
      misses === 0 &&
      each.priceMicroUsd > callMicroUsd &&
      day.hasNearly(each.priceMicroUsd) &&
      each.rounds-- > 0
    )
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

  function queue(lookup: Stoppable, priceMicroUsd: number): Promise<Reservation | undefined> {
    return new Promise((resolve) => {
      const give: Waiter['give'] = (reservation) => {
        waiting.delete(waiter)
        lookup.stop = undefined
        resolve(reservation)
      }
      const waiter: Waiter = { priceMicroUsd, give, rounds: MAX_ROUNDS }
      lookup.stop = () => give(undefined)
      waiting.add(waiter)
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
    reserve: (lookup, priceMicroUsd = callMicroUsd) => {
      if (priceMicroUsd === 0) return FREE
      const day = findToday()
      if (isClosed) return undefined
      if (waiting.size > 0 || !day.hasRoom(priceMicroUsd)) return ledger && queue(lookup, priceMicroUsd)
      const reservation = take(day, priceMicroUsd)
      if (ledger && day.isLow()) settle()
      return reservation
    },
    secondsLeft: (priceMicroUsd = callMicroUsd) =>
      misses > 0 || findToday().mayHaveRoom(priceMicroUsd)
        ? RETRY_SECONDS
        : Math.ceil((DAY_MS - (nowMs() % DAY_MS)) / 1000),
    isUsedUp: () => findToday().isUsedUp(),
    today: () => ({ limitMicroUsd, leftMicroUsd: findToday().leftMicroUsd() }),
    close: async () => {
      isClosed = true
      for (const { give } of waiting) give(undefined)
      wake()
      settle()
      await settling
    },
  }
}

function sum(waiters: readonly Waiter[]): number {
  return waiters.reduce((total, { priceMicroUsd }) => total + priceMicroUsd, 0)
}
