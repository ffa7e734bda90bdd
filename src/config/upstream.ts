// The part of the configuration that says who is asked for files.
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

/** What an upstream brings with it where nothing else is set. */
export function toUpstreamDefaults(kind: Upstream['kind']) {
  return {
    UPSTREAM_URL: kind === 'sandbox' ? undefined : new URL(BASE_URLS[kind]),
    PRICE_PER_CALL_USD: PRICES_MICRO_USD[kind],
  }
}

/** The one that is asked for, or the one that has a key; without either, the sandbox. */
export function chooseUpstream(values: Values, production: boolean, faults: string[]): Upstream['kind'] {
  const { UPSTREAM, COMETAPI_KEY, MINIMAX_API_KEY, UPSTREAM_URL } = values
  if (!UPSTREAM && COMETAPI_KEY && MINIMAX_API_KEY) {
    faults.push('UPSTREAM is not set, but must choose, since COMETAPI_KEY and MINIMAX_API_KEY both are.')
  }
  const kind = UPSTREAM ?? (COMETAPI_KEY ? 'cometapi' : MINIMAX_API_KEY ? 'minimax' : 'sandbox')
  if (kind !== 'sandbox') {
    // A faulty name has no key.
    const keyName: (typeof KEYS)[keyof typeof KEYS] | undefined = KEYS[kind]
    if (keyName && !values[keyName]) faults.push(`${keyName} is not set, but UPSTREAM=${kind} needs it.`)
    return kind
  }
  if (UPSTREAM_URL) faults.push('UPSTREAM_URL is set, but the sandbox has none: set a key as well.')
  // Made-up files must not be served where somebody may take them for real ones: there the sandbox is asked for.
  if (!UPSTREAM && (production || !isLoopback(values.HOST))) {
    const where = production ? 'NODE_ENV=production' : `HOST=${values.HOST}`
    faults.push(`UPSTREAM is not set, nor a key: with ${where}, set a key, or say UPSTREAM=sandbox.`)
  }
  return kind
}

/** Of values without a fault. */
export function toUpstream(kind: Upstream['kind'], values: Values): Upstream {
  const { COMETAPI_KEY, COMETAPI_MODEL, MINIMAX_API_KEY, MINIMAX_GROUP_ID, UPSTREAM_URL } = values
  if (kind === 'cometapi' && COMETAPI_KEY && UPSTREAM_URL)
    return { kind, baseUrl: UPSTREAM_URL, key: COMETAPI_KEY, model: COMETAPI_MODEL }
  if (kind === 'minimax' && MINIMAX_API_KEY && UPSTREAM_URL)
    return { kind, baseUrl: UPSTREAM_URL, key: MINIMAX_API_KEY, groupId: MINIMAX_GROUP_ID }
  return { kind: 'sandbox' }
}
