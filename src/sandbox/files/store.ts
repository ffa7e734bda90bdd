// The object store behind the links, like Alibaba OSS: real bytes, ranges, and XML errors for bad links. It needs no key, and
// ignores one that is sent.

import type { IncomingHttpHeaders } from 'node:http'
import { createXmlAnswer, type Reply } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import type { LinkFault, Signer } from '../link.js'
import { toDownload, toWhole } from './download.js'
import type { Held, Library } from './library.js'
import { readObjectId, toObjectPath } from './object.js'

type ObjectRequest = {
  readonly method: string
  /** Path and query, byte for byte. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

const linkErrors: Readonly<Record<LinkFault, readonly [code: string, message: string]>> = {
  expired: ['AccessDenied', 'Request has expired.'],
  missing: ['AccessDenied', 'You have no right to access this object.'],
  forged: [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  ],
}

function toReply(file: Held, headers: IncomingHttpHeaders, { objectRanges }: Behaviour): Reply {
  const download = {
    body: file.body,
    headers: {
      'content-type': file.body.type,
      'content-disposition': 'attachment',
      'x-oss-force-download': 'true',
    },
    modifiedAtMs: file.createdAtSeconds * 1_000,
  }
  return objectRanges ? toDownload(download, headers) : toWhole(download)
}

export function createStore(library: Library, signer: Signer, behaviour: () => Behaviour) {
  function find(target: string): Held | undefined {
    const path = target.split('?', 1)[0] ?? ''
    const file = library.find(readObjectId(path) ?? '')
    return file && file.link !== 'none' && toObjectPath(file) === path ? file : undefined
  }

  /** The answer, and the file's id if the link is good. */
  return ({ method, target, headers }: ObjectRequest): { readonly id?: string; readonly reply: Reply } => {
    if (method !== 'GET' && method !== 'HEAD') {
      return { reply: createXmlAnswer(405, 'MethodNotAllowed', 'The specified method is not allowed.') }
    }
    const file = find(target)
    if (!file) return { reply: createXmlAnswer(404, 'NoSuchKey', 'The specified key does not exist.') }
    const fault = file.link === 'unsigned' ? undefined : signer.check(target)
    if (fault) return { id: file.id, reply: createXmlAnswer(403, ...linkErrors[fault]) }
    return { id: file.id, reply: toReply(file, headers, behaviour()) }
  }
}
