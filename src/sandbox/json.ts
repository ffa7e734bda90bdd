// Reads the body of a request as a JSON object.

import { type Answer, createHtmlAnswer, createInvalidAnswer, type Stamp } from './answer.js'
import { type IncomingBody, readText } from './incoming.js'
import { parseJson } from './int64.js'

type Members = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of the object, or the answer that refuses the body. Integers of 16 digits and more are bigints. */
export async function readObject(
  body: IncomingBody,
  stamp: Stamp,
): Promise<{ readonly members: Members } | { readonly refusal: Answer }> {
  const text = await readText(body)
  if (text === undefined) return { refusal: createHtmlAnswer(413) }
  try {
    const value = parseJson(text)
    if (isObject(value)) return { members: value }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { refusal: createInvalidAnswer(stamp, 'the body is not a JSON object') } // the text is assumed
}
