// Whose files they are: where the account is asked, how, and what is made of its key.
import { hkdfSync, randomBytes } from 'node:crypto'
import { toPrefix } from '../cache/entry.js'
import type { Dialect } from '../client/request.js'
import type { Config, Upstream } from '../config/config.js'
import type { Sandbox } from '../sandbox/sandbox.js'

export type Account = { readonly baseUrl: URL; readonly key: string; readonly dialect: Dialect }

export function toAccount(upstream: Upstream, sandbox: Sandbox | undefined): Account {
  switch (upstream.kind) {
    case 'sandbox':
      // The sandbox takes any key. It is asked as CometAPI is, whose price it simulates.
      return {
        baseUrl: new URL(sandbox?.url ?? ''),
        key: 'sandbox',
        dialect: { kind: 'cometapi', model: 'minimax-files-retrieve' },
      }
    case 'cometapi':
      return { ...upstream, key: upstream.key.reveal(), dialect: upstream }
    case 'minimax':
      return { ...upstream, key: upstream.key.reveal(), dialect: upstream }
    default:
      return upstream satisfies never
  }
}

/** What tickets are signed with. Processes with the same key accept each other's tickets. */
export function toTicketKey({ tickets, upstream: { kind } }: Config, { key }: Account): Uint8Array {
  if (tickets.secret === undefined && kind === 'sandbox') return randomBytes(32)
  const secret = tickets.secret?.reveal() ?? key
  return new Uint8Array(hkdfSync('sha256', secret, '', 'minimax-files-graphql tickets', 32))
}

/** What the keys in Redis begin with: of all that belongs to the account, and of its answers. */
export type Prefixes = { readonly account: string; readonly entries: string }

/** Processes that keep answers for different times do not share them. */
export function toPrefixes(
  { cache: { ttlMs, notFoundMs, linkMinValidityMs } }: Config,
  { baseUrl, dialect, key }: Account,
): Prefixes {
  const parts = [baseUrl.href, dialect, key]
  return {
    account: toPrefix(...parts),
    entries: toPrefix(...parts, ttlMs, notFoundMs, linkMinValidityMs),
  }
}
