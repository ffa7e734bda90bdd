// GET /v1/files/retrieve as the upstream answers it when nothing goes wrong below HTTP: who may ask (in both
// dialects), what was asked for, and the file. A query with `model` is CometAPI's dialect, any other MiniMax's.

import {
  type Answer,
  createBaseAnswer,
  createEnvelopeAnswer,
  createFileAnswer,
  type FileFields,
  type Stamp,
} from './answer.js'
import { contents } from './content.js'
import type { Signer } from './link.js'
import { isMagicId } from './magic.js'
import { DEFAULT_LINK_LIFETIME_SECONDS, generatedVideo, type SandboxFile } from './seed.js'
import type { Store } from './store.js'

/** The group that every key of the sandbox belongs to: 19 digits, as real ones have. */
export const SANDBOX_GROUP_ID = '1915973012345678901'

/** The one key that MiniMax's dialect refuses, as if it were of the other region. Any other key is good. */
export const WRONG_REGION_KEY = 'wrong-region'

/** CometAPI's product page spells it both ways. */
const models = new Set(['minimax-files-retrieve', 'minimax_files_retrieve'])

/** The id as far as it can be read, and the answer. `admitted` says that key, model and group were good. */
export type Retrieval = {
  readonly id: string | undefined
  readonly answer: Answer
  readonly admitted: boolean
}

function refuse(query: URLSearchParams, authorization: string, stamp: Stamp): Answer | undefined {
  const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  const model = query.get('model')
  if (model !== null && !key) return createEnvelopeAnswer(stamp, 401)
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

/** The canonical decimal form of an int64; undefined for anything else. */
function parseInt64(text: string): string | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined
}

/** `url` is the sandbox's own, which links begin with. */
export function createRetriever(
  files: readonly SandboxFile[],
  store: Store,
  signer: Signer,
  url: () => string,
) {
  const byId = new Map(files.map((file) => [file.id, file]))

  /** Signed anew at each call, as the upstream does. */
  function toFields(file: SandboxFile, id: string): FileFields {
    const lifetime = file.linkLifetimeSeconds ?? DEFAULT_LINK_LIFETIME_SECONDS
    const toLink = () => JSON.stringify(url() + signer.sign(store.pathOf(file), file.link, lifetime))
    return {
      file_id: id,
      // Generated videos say 0, which means unknown (documented, and seen).
      bytes: String(file.purpose === 'video_generation' ? 0 : contents[file.content].bytes.length),
      created_at: String(Date.parse(file.createdAt) / 1_000),
      filename: JSON.stringify(file.filename),
      purpose: JSON.stringify(file.purpose),
      ...(file.link !== 'none' && { download_url: toLink() }),
      ...(file.backup && { backup_download_url: toLink() }),
    }
  }

  return (target: string, authorization: string, stamp: Stamp): Retrieval => {
    const query = new URLSearchParams(target.slice(target.indexOf('?') + 1))
    const text = query.get('file_id') ?? ''
    const id = parseInt64(text)
    const refusal = refuse(query, authorization, stamp)
    if (refusal) return { id, answer: refusal, admitted: false }
    if (id === undefined) {
      // The texts are assumed: the endpoint's own are unknown. They follow the style of its family.
      const problem = text === '' ? 'file_id cannot be empty' : 'file_id must be an integer'
      return { id, answer: createBaseAnswer(stamp, 2013, `invalid params, ${problem}`), admitted: true }
    }
    const file = byId.get(id) ?? (isMagicId(id) ? generatedVideo : undefined)
    const answer = file
      ? createFileAnswer(stamp, toFields(file, id))
      : createBaseAnswer(stamp, 2013, 'invalid params, file not found')
    return { id, answer, admitted: true }
  }
}
