// Finds the file that a query asks for, or refuses it. Every operation with `file_id` in its query uses this.

import { type Answer, createInvalidAnswer, type Stamp } from '../answer.js'
import { parseInt64 } from '../int64.js'
import { isMagicId } from '../magic.js'
import { generatedVideo } from '../seed.js'
import { fromSeed, type Held, type Library } from './library.js'

/** The file behind a magic id that succeeds in the end. */
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
    // The texts of this endpoint are unknown. These follow those of similar endpoints.
    const problem = query.get('file_id') ? 'file_id must be an integer' : 'file_id cannot be empty'
    return { id, refusal: createInvalidAnswer(stamp, problem) }
  }
  const file = library.find(id) ?? (isMagicId(id) ? magicFile : undefined)
  return file ? { id, file } : { id, refusal: createNotFound(stamp) }
}
