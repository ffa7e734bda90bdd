// GET /v1/files/retrieve_content: the bytes of a file, for callers with a key. The upstream's Content-Type is unknown, and so
// is whether it supports ranges and HEAD.

import { unknownPath } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import { answerWith, type Handler } from '../call.js'
import { toDownload, toWhole } from './download.js'
import { findFile } from './find.js'
import type { Held, Library } from './library.js'

function toHeaders({ body }: Held, { contentType }: Behaviour): Readonly<Record<string, string>> {
  if (contentType === 'none') return {}
  return { 'content-type': contentType === 'own' ? body.type : contentType }
}

export function createContentHandler(library: Library, behaviour: () => Behaviour): Handler {
  return ({ method, query, headers: asked, stamp }) => {
    const switches = behaviour()
    if (method === 'HEAD' && !switches.contentHead) return answerWith(unknownPath)
    const found = findFile(library, query, stamp)
    if ('refusal' in found) return answerWith(found.refusal, found.id)
    const { id, file } = found
    const download = {
      body: file.body,
      headers: toHeaders(file, switches),
      modifiedAtMs: file.createdAtSeconds * 1_000,
    }
    return { id, act: () => (switches.contentRanges ? toDownload(download, asked) : toWhole(download)) }
  }
}
