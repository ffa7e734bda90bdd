// GET /v1/files/list: all files at once, or those of a purpose. There are no pages, no links, and no promised order.
import type { ListedFile, ListSource } from '../file.js'
import { parseLongJson } from '../wire/long-json.js'
import type { WireResponse } from '../wire/wire.js'
import { type Reading, readAnswer } from './answer.js'
import type { Ask } from './ask.js'
import { type DecodeOptions, isBlank, parseListedFile } from './decode.js'

/** Of a listing: about 50,000 files. */
export const MAX_BYTES = 2 ** 23

export function createList(
  ask: Ask,
  toTarget: (purposeName: string | undefined) => string,
  options: DecodeOptions,
): ListSource {
  return (purposeName, lookup) =>
    ask(
      {
        target: toTarget(purposeName),
        maxBytes: MAX_BYTES,
        read: (response) => readFiles(response, options),
      },
      lookup,
    )
}

/** An entry that is not a file is left out, so that the others can still be listed. */
async function readFiles(
  response: WireResponse,
  options: DecodeOptions,
): Promise<Reading<readonly ListedFile[]>> {
  const listed: ListedFile[] = []
  const take = (element: unknown) => {
    const file = parseListedFile(element, options)
    if (file) listed.push(file)
  }
  const body = await parseLongJson(response.body, 'files', take).catch(() => undefined)
  // An empty list may be left out or null.
  return readAnswer(body, response, { ...options, mayLack: true }, ({ files }) =>
    isBlank(files) || Array.isArray(files) ? listed : undefined,
  )
}
