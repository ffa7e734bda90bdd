// Video generation. Task ids are texts. The id of the file is only told once the task has succeeded.

import { createBaseAnswer, createInvalidAnswer, createJsonAnswer, SUCCESS } from '../answer.js'
import { answerWith, type Handler } from '../call.js'
import { contents } from '../content.js'
import { readObject } from '../json.js'
import { FILM_SIZE } from '../media/film.js'
import type { RunningTotals } from '../totals.js'
import { findFate } from './fate.js'
import { createTaskQuery } from './query.js'
import type { Product, Tasks } from './tasks.js'
import { checkVideoInput } from './video-input.js'

/** The name shows whether the video has a watermark, as in the names that were seen. */
function toProduct(watermark: unknown): Product {
  return {
    filename: () => (watermark === true ? 'output_aigc.mp4' : 'output.mp4'),
    purpose: 'video_generation',
    body: () => contents.mp4,
  }
}

export function createVideoCreator(tasks: Tasks, totals: RunningTotals): Handler {
  return async ({ body, stamp }) => {
    const input = await readObject(body, stamp)
    if ('refusal' in input) return answerWith(input.refusal)
    const problem = checkVideoInput(input.members)
    if (problem) return answerWith(createInvalidAnswer(stamp, problem))
    const { prompt, aigc_watermark: watermark } = input.members
    const fate = findFate(typeof prompt === 'string' ? prompt : '')
    if (fate.kind === 'refused') return answerWith(createBaseAnswer(stamp, fate.code))
    return {
      magic: fate.kind === 'unknown-outcome' ? { name: 'lost' } : undefined,
      act: () => {
        const { id } = tasks.create(fate, toProduct(watermark))
        totals.creations.video++
        return createJsonAnswer(stamp, `{"task_id":"${id}","base_resp":${SUCCESS}}`)
      },
    }
  }
}

export function createVideoQuery(tasks: Tasks): Handler {
  return createTaskQuery(tasks, ({ id, fileId }, { status, succeeded }) => ({
    task_id: `"${id}"`,
    status: `"${status}"`,
    file_id: succeeded ? `"${fileId}"` : '""',
    video_width: String(succeeded ? FILM_SIZE.width : 0),
    video_height: String(succeeded ? FILM_SIZE.height : 0),
  }))
}
