// POST /v1/files/delete: one file, by an id that must be a JSON number. The documents require its purpose too; official
// clients leave it out.

import { createInvalidAnswer, createJsonAnswer, type Stamp, SUCCESS } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import { type AnswerPlan, answerWith, type Handler } from '../call.js'
import { toInt64 } from '../int64.js'
import { readObject } from '../json.js'
import { isMagicId } from '../magic.js'
import type { RunningTotals } from '../totals.js'
import { createNotFound } from './find.js'
import type { Library } from './library.js'

function createDeleted(stamp: Stamp, id: string) {
  return createJsonAnswer(stamp, `{"file_id":${id},"base_resp":${SUCCESS}}`)
}

type Sources = {
  readonly library: Library
  readonly behaviour: () => Behaviour
  readonly totals: RunningTotals
}

export function createDeleter({ library, behaviour, totals }: Sources): Handler {
  function plan(id: string, purpose: unknown, stamp: Stamp): AnswerPlan {
    const { deleteUnknown, deleteMismatch } = behaviour()
    const file = library.findToDelete(id)
    // Magic ids are not files, so they can be deleted again and again.
    if (!file && !isMagicId(id) && deleteUnknown === 'refused') return answerWith(createNotFound(stamp), id)
    if (file && purpose !== undefined && purpose !== file.purpose && deleteMismatch === 'refused') {
      return answerWith(createInvalidAnswer(stamp, 'purpose does not match'), id) // the text is assumed
    }
    return {
      id,
      act: () => {
        if (file) {
          library.delete(id)
          totals.deletions++
        }
        return createDeleted(stamp, id)
      },
    }
  }

  return async ({ body, stamp }) => {
    const input = await readObject(body, stamp)
    if ('refusal' in input) return answerWith(input.refusal)
    const { file_id, purpose } = input.members
    const id = toInt64(file_id)
    if (id !== undefined) return plan(id, purpose, stamp)
    const problem = file_id === undefined ? 'file_id cannot be empty' : 'file_id must be an integer'
    return answerWith(createInvalidAnswer(stamp, problem))
  }
}
