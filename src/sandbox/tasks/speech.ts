// Speech from long texts. Task ids are numbers. The id of the file is in the answer to the creation, long before the file
// exists.

import {
  type Answer,
  createBaseAnswer,
  createJsonAnswer,
  renderFailure,
  type Stamp,
  SUCCESS,
} from '../answer.js'
import { createMemoryBody } from '../body.js'
import { answerWith, type Handler, type HandlerCall } from '../call.js'
import type { Library } from '../files/library.js'
import { toInt64 } from '../int64.js'
import { readObject } from '../json.js'
import { type AudioFormat, createSpeechTar } from '../media/speech.js'
import type { RunningTotals } from '../totals.js'
import { findFate } from './fate.js'
import { createTaskQuery } from './query.js'
import { checkSpeechInput, readFormat } from './speech-input.js'
import type { Product, Tasks } from './tasks.js'

/** How much of a text is kept for the titles. The rest is only counted. */
const MAX_TITLE_CHARACTERS = 500

const MAX_QUERIES_PER_SECOND = 10

function toProduct(text: string, format: AudioFormat): Product {
  const characters = [...text]
  const usageCharacters = characters.length
  const title = characters.slice(0, MAX_TITLE_CHARACTERS).join('')
  return {
    filename: (fileId) => `${fileId}.tar`,
    purpose: 't2a_async',
    body: (fileId) =>
      createMemoryBody('application/x-tar', () =>
        createSpeechTar(`content-${fileId}`, { text: title, format, usageCharacters }),
      ),
  }
}

/** A refusal here has the fields of a success, with zero values (seen on the wire). */
function createRefusal(stamp: Stamp, problem: string): Answer {
  const baseResp = renderFailure(2013, `invalid params, ${problem}`)
  const zeros = '"file_id":0,"task_id":0,"task_token":"","usage_characters":0'
  return createJsonAnswer(stamp, `{${zeros},"base_resp":${baseResp}}`)
}

export function createSpeechCreator(tasks: Tasks, library: Library, totals: RunningTotals): Handler {
  /** The text of an uploaded file; undefined if there is no such file. */
  function readFile(id: unknown): string | undefined {
    const file = library.find(toInt64(id) ?? '')
    if (file?.purpose !== 't2a_async_input') return undefined
    const bytes = file.body.part(0, file.body.size)
    return (Buffer.isBuffer(bytes) ? bytes : bytes.read()).toString()
  }

  return async ({ body, stamp }) => {
    const input = await readObject(body, stamp)
    if ('refusal' in input) return answerWith(input.refusal)
    const { members } = input
    const problem = checkSpeechInput(members)
    if (problem) return answerWith(createRefusal(stamp, problem))
    const text = typeof members.text === 'string' ? members.text : readFile(members.text_file_id)
    if (text === undefined) return answerWith(createRefusal(stamp, 'file_id not exist')) // as in voice cloning
    const fate = findFate(text)
    if (fate.kind === 'refused') return answerWith(createBaseAnswer(stamp, fate.code))
    return {
      magic: fate.kind === 'unknown-outcome' ? { name: 'lost' } : undefined,
      act: () => {
        const { id, fileId } = tasks.create(fate, toProduct(text, readFormat(members)))
        totals.creations.speech++
        const token = Buffer.from(id).toString('base64url')
        const usage = `"task_token":"${token}","file_id":${fileId},"usage_characters":${[...text].length}`
        return createJsonAnswer(stamp, `{"task_id":${id},${usage},"base_resp":${SUCCESS}}`)
      },
    }
  }
}

/** The documented limit of queries in a second; more are refused. */
function createLimit(now: () => number) {
  const times: number[] = []
  return ({ stamp }: HandlerCall): Answer | undefined => {
    while (times[0] !== undefined && times[0] <= now() - 1_000) times.shift()
    if (times.length >= MAX_QUERIES_PER_SECOND) return createBaseAnswer(stamp, 1002)
    times.push(now())
    return undefined
  }
}

export function createSpeechQuery(tasks: Tasks, now: () => number): Handler {
  return createTaskQuery(
    tasks,
    ({ id, fileId }, { status }) => ({ task_id: id, status: `"${status}"`, file_id: fileId }),
    createLimit(now),
  )
}
