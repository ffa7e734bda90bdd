// GET /v1/files/retrieve: one file, with its links.
import type { File, FileId, FileSource } from '../file.js'
import type { WireResponse } from '../wire/wire.js'
import { parseBody, type Reading, readAnswer } from './answer.js'
import type { Ask } from './ask.js'
import { type DecodeOptions, parseFile } from './decode.js'

export function createRetrieve(
  ask: Ask,
  toTarget: (id: FileId) => string,
  options: DecodeOptions,
): FileSource {
  return (id, lookup) =>
    ask(
      {
        target: toTarget(id),
        read: (response) => readFile(response, id, options),
      },
      lookup,
    )
}

export function readFile(response: WireResponse, id: FileId, options: DecodeOptions): Reading<File> {
  return readAnswer(parseBody(response.body), response, options, ({ file }) => parseFile(file, id, options))
}
