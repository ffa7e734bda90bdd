// Which fault strikes a request: the rules of a test first, in the order they were added, then the magic ids.

import type { Fault } from './faults.js'
import { findMagicFault } from './magic.js'

/** A fault for the next `times` retrieves (all of them by default) of the file `id` (of any by default). */
export type Rule = Fault & { readonly id?: string; readonly times?: number }

export type Rules = {
  add(rule: Rule): void
  clear(): void
  /** The fault for this request, which counts as its use, and how often it was used before. */
  take(
    id: string | undefined,
    admitted: boolean,
  ): { readonly fault: Fault; readonly turn: number } | undefined
}

export function createRules(): Rules {
  let rules: Rule[] = []
  const uses = new Map<Fault, number>()

  function use(fault: Fault) {
    const turn = uses.get(fault) ?? 0
    uses.set(fault, turn + 1)
    return { fault, turn }
  }

  return {
    add: (rule) => {
      rules.push({ ...rule }) // a copy, since uses are counted by identity
    },
    clear: () => {
      for (const rule of rules) uses.delete(rule)
      rules = []
    },
    take: (id, admitted) => {
      const rule = rules.find(
        (rule) => (rule.id ?? id) === id && (uses.get(rule) ?? 0) < (rule.times ?? Number.POSITIVE_INFINITY),
      )
      // A request that was refused for its key or its group does not get as far as the magic ids.
      const fault = rule ?? (admitted && id !== undefined ? findMagicFault(id) : undefined)
      return fault && use(fault)
    },
  }
}
