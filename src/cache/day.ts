// One day's account, as one process knows it: what it has spent, what it holds, what the others hold. Only sums.
import type { Answer, Claim, Entry } from './ledger.js'

export type Day = {
  readonly date: string
  /** Whether what is held has room for one more request. */
  hasRoom(): boolean
  spend(): void
  refund(): void
  /** Whether there is no room for one more, whoever asks. */
  isUsedUp(): boolean
  /** As far as is known; what others hold counts as spent. */
  leftMicroUsd(): number
  /** Whether it is time to set more aside. */
  isLow(): boolean
  /** Whether so little is left by now that others may need what is set aside here. */
  isRich(): boolean
  learn(owner: string, entry: Entry): void
  /** What to claim for so many requests that wait. What it does not ask to keep is given up by then. */
  toClaim(wanted: number, options: { readonly setsAside: boolean }): Claim
  hold(answer: Answer): void
}

export type DayOptions = {
  readonly limitMicroUsd: number
  readonly priceMicroUsd: number
  /** What may be spent without a claim. */
  readonly freeMicroUsd: number
}

/**
 * A process sets aside so small a part of what is left, to go on while Redis is out of reach: at an even pace, some ten
 * minutes' worth of all. Never more than it has spent itself, so that one that starts over and over strands little.
 */
const PARTS = 128

export function createDay(date: string, { limitMicroUsd, priceMicroUsd, freeMicroUsd }: DayOptions): Day {
  const others = new Map<string, Entry>()
  let othersMicroUsd = 0
  let spentMicroUsd = 0
  let heldMicroUsd = freeMicroUsd

  const toLeft = () => limitMicroUsd - othersMicroUsd - spentMicroUsd
  const toHand = () => heldMicroUsd - spentMicroUsd
  const hasRoom = () => toHand() >= priceMicroUsd

  /** What should be in hand, in whole prices, when those who wait have got theirs. */
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
    spend: () => {
      spentMicroUsd += priceMicroUsd
    },
    refund: () => {
      spentMicroUsd -= priceMicroUsd
    },
    isUsedUp: () => toLeft() < priceMicroUsd,
    leftMicroUsd: toLeft,
    isLow: () => 2 * toHand() < toAside(),
    isRich: () => hasRoom() && toHand() > 2 * toAside(),
    learn,
    toClaim: (wanted, { setsAside }) => {
      const wantedMicroUsd = wanted * priceMicroUsd
      const asideMicroUsd = setsAside ? toAside(wantedMicroUsd) : 0
      const wishedMicroUsd = spentMicroUsd + wantedMicroUsd + asideMicroUsd
      heldMicroUsd = Math.min(heldMicroUsd, wishedMicroUsd)
      return { keptMicroUsd: heldMicroUsd, wishedMicroUsd, limitMicroUsd, known: others }
    },
    hold: (answer) => {
      for (const [owner, entry] of answer.others) learn(owner, entry)
      // A ledger that shows less than is known here was lost, and has more to give than there is.
      const mostMicroUsd = Math.min(answer.heldMicroUsd, limitMicroUsd - othersMicroUsd)
      heldMicroUsd = Math.max(heldMicroUsd, mostMicroUsd)
    },
  }
}
