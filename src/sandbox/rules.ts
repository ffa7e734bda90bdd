// Selects the fault for a request: first by the rules of a test, in the order in which they were added, then by its magic id
// or name.

import type { Fault } from './faults.js'
import type { Target } from './operation.js'

/**
 * A fault for the next `times` requests (all of them by default) of one kind (retrieves by default) for the file `id` (any
 * by default). With `afterBytes` it is applied as soon as so many bytes of the body were read, and the request is not
 * carried out.
 */
export type FaultRule = Fault & {
  readonly operation?: Target
  readonly id?: string
  readonly times?: number
  readonly afterBytes?: number
}

/** A fault to apply, and how often it was applied before. */
export type Strike = { readonly fault: Fault; readonly turn: number }

export type Rules = ReturnType<typeof createRules>

export function createRules() {
  let rules: FaultRule[] = []
  const uses = new Map<Fault, number>()

  function use(fault: Fault): Strike {
    const turn = uses.get(fault) ?? 0
    uses.set(fault, turn + 1)
    return { fault, turn }
  }

  function find(target: Target, isMeant: (rule: FaultRule) => boolean): FaultRule | undefined {
    return rules.find(
      (rule) =>
        (rule.operation ?? 'retrieve') === target &&
        (uses.get(rule) ?? 0) < (rule.times ?? Number.POSITIVE_INFINITY) &&
        isMeant(rule),
    )
  }

  return {
    add: (rule: FaultRule): void => {
      rules.push({ ...rule }) // a copy, since uses are counted by object
    },
    clear: (): void => {
      for (const rule of rules) uses.delete(rule)
      rules = []
    },

    /** The fault to apply before the body is read to its end. */
    takeEarly: (target: Target): (Strike & { readonly afterBytes: number }) | undefined => {
      const rule = find(target, ({ afterBytes }) => afterBytes !== undefined)
      return rule && { ...use(rule), afterBytes: rule.afterBytes ?? 0 }
    },

    /** The fault to apply once the file's id is known; `magic` if no rule matches. */
    take: (target: Target, id: string | undefined, magic: Fault | undefined): Strike | undefined => {
      const rule = find(target, (rule) => rule.afterBytes === undefined && (rule.id ?? id) === id)
      const fault = rule ?? magic
      return fault && use(fault)
    },
  }
}
