// Which file a query asks for, or why none: the same for every operation that takes `file_id`.

import { type Answer, createInvalidAnswer, type Stamp } from '../answer.js'
import { parseInt64 } from '../int64.js'
import { isMagicId } from '../magic.js'
import { generatedVideo } from '../seed.js'
import { fromSeed, type Held, type Library } from './library.js'

/** What the magic ids look like, where they answer well in the end. */
const magicFile = fromSeed(generatedVideo)

export function createNotFound(stamp: Stamp): Answer {
  return createInvalidAnswer(stamp, 'file not found')
}

export function readId(query: URLSearchParams): string | undefined {
  return parseInt64(query.get('file_id') ?? '')
}

export function findFile(
  library: Library,
  query: URLSearchParams,
  stamp: Stamp,
):
  | { readonly id: string; readonly file: Held }
  | { readonly id: string | undefined; readonly refusal: Answer } {
  const id = readId(query)
  if (id === undefined) {
    // The texts are assumed: the endpoint's own are unknown. They follow the style of its family.
    const problem = query.get('file_id') ? 'file_id must be an integer' : 'file_id cannot be empty'
    return { id, refusal: createInvalidAnswer(stamp, problem) }
  }
  const file = library.find(id) ?? (isMagicId(id) ? magicFile : undefined)
  return file ? { id, file } : { id, refusal: createNotFound(stamp) }
}
