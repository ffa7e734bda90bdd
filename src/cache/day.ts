// One day as one process knows it: what it has spent, what it holds, what the others hold. Pure arithmetic.
import type { Answer, Claim, Entry } from './ledger.js'

export type Day = {
  readonly date: string
  /** Whether this process holds enough for so much more. */
  hasRoom(microUsd: number): boolean
  /** Whether it holds nearly enough, so that the reserves of others may make up for the rest. */
  hasNearly(microUsd: number): boolean
  spend(microUsd: number): void
  refund(microUsd: number): void
  /** So much more of what is spent may be refunded yet; less, if negative. */
  expect(microUsd: number): void
  /** Whether there is room for so much, should all of that be refunded. */
  mayHaveRoom(microUsd: number): boolean
  /** Whether the whole budget has no room for one more call. */
  isUsedUp(): boolean
  /** As far as this process knows. What others hold counts as spent. */
  leftMicroUsd(): number
  /** Whether the reserve is small enough to be raised. */
  isLow(): boolean
  /** Whether the reserve is too large for what is left of the day, so that others may need it. */
  isRich(): boolean
  learn(owner: string, entry: Entry): void
  /** What to claim for those who wait for so much. What the claim does not keep is no longer held from now on. */
  toClaim(wantedMicroUsd: number, options: { readonly setsAside: boolean }): Claim
  hold(answer: Answer): void
}

export type DayOptions = {
  readonly limitMicroUsd: number
  /** Of a call: what is set aside is so many of it. */
  readonly priceMicroUsd: number
  /** What may be spent without a ledger. */
  readonly freeMicroUsd: number
}

/**
 * A process sets aside 1/128 of what is left of the day, to go on while Redis does not answer: about ten minutes' worth at an
 * even pace. Never more than it has spent itself, so that a process that restarts over and over does not strand much.
 */
const PARTS = 128

/** Who holds this part of a price waits for the rest: the reserves of the others are small, and make up for no more. */
const NEARLY = 7 / 8

export function createDay(date: string, { limitMicroUsd, priceMicroUsd, freeMicroUsd }: DayOptions): Day {
  const others = new Map<string, Entry>()
  let othersMicroUsd = 0
  let spentMicroUsd = 0
  let heldMicroUsd = freeMicroUsd
  let expectedMicroUsd = 0

  const toLeft = () => limitMicroUsd - othersMicroUsd - spentMicroUsd
  const toHand = () => heldMicroUsd - spentMicroUsd
  const hasRoom = (microUsd: number) => toHand() >= microUsd

  /** The reserve, in whole prices, once those who wait have been served. */
  function toAside(wantedMicroUsd = 0): number {
    const partMicroUsd = (toLeft() - wantedMicroUsd) / PARTS
    const microUsd = Math.min(spentMicroUsd + wantedMicroUsd, partMicroUsd)
    return Math.max(0, Math.floor(microUsd / priceMicroUsd) * priceMicroUsd)
  }

  function learn(owner: string, entry: Entry): void {
    const known = others.get(owner)
    if (known && known.count >= entry.count) return
    others.set(owner, entry)
    othersMicroUsd += entry.heldMicroUsd - (known?.heldMicroUsd ?? 0)
  }

  return {
    date,
    hasRoom,
    hasNearly: (microUsd) => toHand() >= microUsd * NEARLY,
    spend: (microUsd) => {
      spentMicroUsd += microUsd
    },
    refund: (microUsd) => {
      spentMicroUsd -= microUsd
    },
    expect: (microUsd) => {
      expectedMicroUsd += microUsd
    },
    mayHaveRoom: (microUsd) => toLeft() + expectedMicroUsd >= microUsd,
    isUsedUp: () => toLeft() < priceMicroUsd,
    leftMicroUsd: toLeft,
    isLow: () => 2 * toHand() < toAside(),
    isRich: () => hasRoom(priceMicroUsd) && toHand() > 2 * toAside(),
    learn,
    toClaim: (wantedMicroUsd, { setsAside }) => {
      const asideMicroUsd = setsAside ? toAside(wantedMicroUsd) : 0
      const wishedMicroUsd = spentMicroUsd + wantedMicroUsd + asideMicroUsd
      heldMicroUsd = Math.min(heldMicroUsd, wishedMicroUsd)
      return { keptMicroUsd: heldMicroUsd, wishedMicroUsd, limitMicroUsd, known: others }
    },
    hold: (answer) => {
      for (const [owner, entry] of answer.others) learn(owner, entry)
      // A ledger that shows less than we know was lost, and would give out more than there is.
      const mostMicroUsd = Math.min(answer.heldMicroUsd, limitMicroUsd - othersMicroUsd)
      heldMicroUsd = Math.max(heldMicroUsd, mostMicroUsd)
    },
  }
}
