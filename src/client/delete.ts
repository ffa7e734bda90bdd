// POST /v1/files/delete: one file. Its id is a JSON number of up to 19 digits, which no double holds, so the body is written
// by hand.
import { type DeleteSource, parseFileId } from '../file.js'
import { parseBody, readAnswer } from './answer.js'
import type { Ask } from './ask.js'
import { type DecodeOptions, isBlank } from './decode.js'

export function createDelete(ask: Ask, target: string, options: DecodeOptions): DeleteSource {
  return async (id, purposeName, lookup) => {
    const purpose = purposeName === undefined ? '' : `,"purpose":${JSON.stringify(purposeName)}`
    await ask(
      {
        target,
        body: `{"file_id":${id}${purpose}}`,
        read: (response) =>
          readAnswer(
            parseBody(response.body),
            response,
            { ...options, mayLack: true },
            // Success that names another file is none.
            ({ file_id }) => isBlank(file_id) || parseFileId(file_id) === id || undefined,
          ),
      },
      lookup,
    )
  }
}
