// Which documents have a plan: those that Apollo Server has accepted and run, from their second time on.
import type { GraphQLSchema } from 'graphql'
import { compilePlan, type Plan } from './plan.js'
import { ENTRY_BYTES, Store, toTextBytes } from './store.js'

/** A document that comes once does not push out one that comes again. */
const SEEN = { maxEntries: 4000, maxBytes: 4 * 2 ** 20 }
const PLANS = { maxEntries: 4000, maxBytes: 32 * 2 ** 20 }
const HASHES = { maxEntries: 4000, maxBytes: 4 * 2 ** 20 }

export type Documents = {
  /** Apollo Server has accepted the text and run it; `hash` is what persisted it, if it is. */
  learn(text: string, hash: string | undefined): void
  find(text: string): Plan | undefined
  /** That of a persisted query. */
  findByHash(hash: string): Plan | undefined
}

export function createDocuments(schema: GraphQLSchema): Documents {
  const seen = new Store<true>(SEEN)
  const plans = new Store<Plan | 'none'>(PLANS)
  const texts = new Store<string>(HASHES)

  function find(text: string): Plan | undefined {
    const known = plans.get(text) ?? (seen.get(text) && compile(text))
    return known === 'none' ? undefined : known
  }

  function compile(text: string): Plan | 'none' {
    const plan = compilePlan(schema, text) ?? 'none'
    seen.delete(text)
    plans.set(text, plan, plan === 'none' ? ENTRY_BYTES + toTextBytes(text) : plan.bytes)
    return plan
  }

  return {
    learn: (text, hash) => {
      if (plans.get(text) === undefined) seen.set(text, true, ENTRY_BYTES + toTextBytes(text))
      if (hash !== undefined) texts.set(hash, text, ENTRY_BYTES + toTextBytes(text))
    },
    find,
    findByHash: (hash) => {
      const text = texts.get(hash)
      return text === undefined ? undefined : find(text)
    },
  }
}
