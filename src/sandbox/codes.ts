// The failures of the upstream: MiniMax's `base_resp` codes under HTTP 200, and CometAPI's HTTP statuses. The texts are
// those seen on the wire, or else the documented ones.

type BaseFailure = {
  readonly message: string
  /**
   * What `file` is in the failure. Mostly it is missing. Similar endpoints of MiniMax also answer with null or with zero
   * values, so a few codes do so here (assumed for this endpoint).
   */
  readonly file?: 'null' | 'zeros'
}

const LOGIN_FAIL =
  "login fail: Please carry the API secret key in the 'Authorization' field of the request header"

export const baseFailures = {
  1000: { message: 'unknown error' },
  1001: { message: 'request timeout' },
  1002: { message: 'rate limit exceeded(RPM)' },
  1004: { message: LOGIN_FAIL },
  1008: { message: 'insufficient balance' },
  1013: { message: 'internal service error' },
  1024: { message: 'internal error' },
  1026: { message: 'input new_sensitive', file: 'null' },
  1027: { message: 'output new_sensitive', file: 'null' },
  1028: { message: 'Daily quota exhausted' },
  1030: { message: 'quota exhausted' },
  1033: { message: 'system error' },
  1039: { message: 'token limit' },
  1041: { message: 'conn limit' },
  1042: { message: 'invisible character ratio limit', file: 'zeros' },
  1043: { message: 'The asr similarity check failed', file: 'zeros' },
  1044: { message: 'clone prompt similarity check failed', file: 'zeros' },
  2013: { message: 'invalid params, glyph definition format error', file: 'zeros' },
  20132: { message: 'invalid samples or voice_id', file: 'zeros' },
  2037: { message: 'voice duration too short', file: 'zeros' },
  2038: { message: 'voice clone disabled', file: 'zeros' },
  2039: { message: 'voice clone voice id duplicate', file: 'zeros' },
  2042: { message: "You don't have access to this voice_id" },
  2045: { message: 'rate growth limit' },
  2048: { message: 'prompt audio too long', file: 'zeros' },
  2049: { message: 'invalid api key' },
  // Documented nowhere, but handled by clients. The texts are assumed.
  2053: { message: 'request rejected' },
  2054: { message: 'request rejected' },
  2056: { message: 'usage limit exceeded' },
  2061: { message: 'your current token plan not support model, minimax-files-retrieve' },
} as const satisfies Record<number, BaseFailure>

export function findBaseFailure(code: number): BaseFailure | undefined {
  return (baseFailures as Readonly<Record<number, BaseFailure>>)[code]
}

type StatusFailure = { readonly message: string; readonly code: string }

/** The error in CometAPI's envelope, by status. `code` is a string, often an empty one. */
const statusFailures: Readonly<Record<number, StatusFailure>> = {
  400: { message: 'model name is required', code: '' },
  401: { message: 'Invalid token', code: '' },
  402: { message: 'insufficient balance', code: '' },
  403: { message: 'You do not have permission to use this model', code: 'permission_denied' },
  429: { message: 'Too many requests, please try again later', code: '' },
  500: { message: 'internal server error', code: '' },
  503: {
    message: 'no available channel for group default and model minimax-files-retrieve (distributor)',
    code: 'model_not_found',
  },
}

export function findStatusFailure(status: number): StatusFailure {
  return statusFailures[status] ?? { message: 'request failed', code: '' }
}

/** Statuses that come from proxies in front of the gateway, as HTML. */
export const htmlStatuses: ReadonlySet<number> = new Set([502, 504, 524])
