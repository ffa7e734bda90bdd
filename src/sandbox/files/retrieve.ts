// GET /v1/files/retrieve: one file with its links.

import { createFileAnswer } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import { answerWith, type Handler } from '../call.js'
import type { Signer } from '../link.js'
import { toFields, toLinks } from './describe.js'
import { findFile } from './find.js'
import type { Library } from './library.js'

type Sources = {
  readonly library: Library
  readonly signer: Signer
  readonly behaviour: () => Behaviour
  /** The sandbox's base URL, with which links begin. */
  readonly url: () => string
}

export function createRetriever({ library, signer, behaviour, url }: Sources): Handler {
  return ({ query, stamp }) => {
    const found = findFile(library, query, stamp)
    if ('refusal' in found) return answerWith(found.refusal, found.id)
    const { id, file } = found
    const links = toLinks(file, url(), signer, behaviour())
    return answerWith(createFileAnswer(stamp, { ...toFields(file, id), ...links }), id)
  }
}
