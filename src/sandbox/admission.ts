// Checks the key, the model and the group of a request, and whether the operation is offered at all. A query with `model`
// is CometAPI's dialect; any other is MiniMax's.

import {
  type Answer,
  createBaseAnswer,
  createEnvelopeAnswer,
  createHtmlAnswer,
  type Stamp,
} from './answer.js'
import type { Behaviour } from './behaviour.js'
import type { Operation } from './operation.js'

/** The group that every key of the sandbox belongs to: 19 digits, as real ones have. */
export const SANDBOX_GROUP_ID = '1915973012345678901'

/** The one key that MiniMax's dialect refuses, as if it belonged to the other region. Any other key is accepted. */
export const WRONG_REGION_KEY = 'wrong-region'

/** CometAPI's product page uses both spellings. */
const models = new Set(['minimax-files-retrieve', 'minimax_files_retrieve'])

/** Operations that can name the model, by which a gateway routes and bills, only in the query. */
const fileOperations: ReadonlySet<Operation> = new Set(['upload', 'list', 'retrieve', 'content', 'delete'])

type Claim = {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string
  readonly stamp: Stamp
}

/** How gateways answer an operation that they do not offer; each answer was seen in practice. */
const absences = {
  '404': ({ method, path, stamp }: Claim) =>
    createEnvelopeAnswer(stamp, 404, { message: `Invalid URL (${method} ${path})` }),
  html: () => createHtmlAnswer(200),
  redirect: () => ({ status: 301, headers: { location: 'https://elsewhere.invalid/' }, body: '' }),
} as const satisfies Record<Behaviour['unsold'], (claim: Claim) => Answer>

/** The answer that refuses the request, whatever it asks for; undefined if it is not refused. */
export function refuse(claim: Claim, behaviour: Behaviour): Answer | undefined {
  const { operation, query, authorization, stamp } = claim
  const { sold, unsold } = behaviour
  const needsModel = behaviour.needsModel && fileOperations.has(operation)
  if (sold !== 'all' && !sold.includes(operation)) return absences[unsold](claim)
  const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  const model = query.get('model')
  if ((model !== null || needsModel) && !key) return createEnvelopeAnswer(stamp, 401)
  if (model === null && needsModel) return createEnvelopeAnswer(stamp, 400)
  if (model !== null && !models.has(model)) {
    const message = `no available channel for group default and model ${model} (distributor)`
    return createEnvelopeAnswer(stamp, 503, { message })
  }
  if (!key) return createBaseAnswer(stamp, 1004)
  if (model === null && key === WRONG_REGION_KEY) return createBaseAnswer(stamp, 2049)
  const group = query.get('GroupId')
  if (group && group !== SANDBOX_GROUP_ID) return createBaseAnswer(stamp, 1004, 'token not match group')
  return undefined
}
