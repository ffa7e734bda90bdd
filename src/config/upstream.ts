// The part of the configuration that says which upstream to ask.
import { isLoopback } from './kinds.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'

export type Upstream =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'cometapi'; readonly baseUrl: URL; readonly key: Secret; readonly model: string }
  | {
      readonly kind: 'minimax'
      readonly baseUrl: URL
      readonly key: Secret
      readonly groupId?: string | undefined
    }

const KEYS = { cometapi: 'COMETAPI_KEY', minimax: 'MINIMAX_API_KEY' } as const
const BASE_URLS = { cometapi: 'https://api.cometapi.com', minimax: 'https://api.minimax.io' }
/** List prices of one call: CometAPI's page, and what it names as MiniMax's own. */
const PRICES_MICRO_USD = { sandbox: 4000, cometapi: 4000, minimax: 5000 }

/** Defaults that depend on the upstream. */
export function toUpstreamDefaults(kind: Upstream['kind']) {
  return {
    UPSTREAM_URL: kind === 'sandbox' ? undefined : new URL(BASE_URLS[kind]),
    PRICE_PER_CALL_USD: PRICES_MICRO_USD[kind],
  }
}

/** The upstream that `UPSTREAM` names, else the one that has a key, else the sandbox. */
export function chooseUpstream(values: Values, production: boolean, faults: string[]): Upstream['kind'] {
  const { UPSTREAM, COMETAPI_KEY, MINIMAX_API_KEY, UPSTREAM_URL } = values
  if (!UPSTREAM && COMETAPI_KEY && MINIMAX_API_KEY) {
    faults.push('UPSTREAM is not set, but must be, since both COMETAPI_KEY and MINIMAX_API_KEY are set.')
  }
  const kind = UPSTREAM ?? (COMETAPI_KEY ? 'cometapi' : MINIMAX_API_KEY ? 'minimax' : 'sandbox')
  if (kind !== 'sandbox') {
    // An invalid UPSTREAM has no entry.
    const keyName: (typeof KEYS)[keyof typeof KEYS] | undefined = KEYS[kind]
    if (keyName && !values[keyName]) faults.push(`${keyName} is not set, but UPSTREAM=${kind} needs it.`)
    return kind
  }
  if (UPSTREAM_URL)
    faults.push('UPSTREAM_URL is set, but no key is: the built-in sandbox has no URL. Set a key as well.')
  // Where clients may take made-up files for real ones, the sandbox must be an explicit choice.
  if (!UPSTREAM && (production || !isLoopback(values.HOST))) {
    const where = production ? 'NODE_ENV=production' : `HOST=${values.HOST}`
    faults.push(
      `Neither UPSTREAM nor a key is set: with ${where}, set a key, or UPSTREAM=sandbox for made-up files.`,
    )
  }
  return kind
}

/** Takes values without faults. */
export function toUpstream(kind: Upstream['kind'], values: Values): Upstream {
  const { COMETAPI_KEY, COMETAPI_MODEL, MINIMAX_API_KEY, MINIMAX_GROUP_ID, UPSTREAM_URL } = values
  if (kind === 'cometapi' && COMETAPI_KEY && UPSTREAM_URL)
    return { kind, baseUrl: UPSTREAM_URL, key: COMETAPI_KEY, model: COMETAPI_MODEL }
  if (kind === 'minimax' && MINIMAX_API_KEY && UPSTREAM_URL)
    return { kind, baseUrl: UPSTREAM_URL, key: MINIMAX_API_KEY, groupId: MINIMAX_GROUP_ID }
  return { kind: 'sandbox' }
}
