// GET /v1/files/list: all files at once, or those of one purpose. There are no pages, no links and no promised order.

import { createInvalidAnswer, createJsonAnswer, renderFields, SUCCESS } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import { answerWith, type Handler } from '../call.js'
import { toFields } from './describe.js'
import type { Held, Library } from './library.js'
import { isPurpose } from './purposes.js'

const orders: Readonly<Record<Behaviour['listOrder'], (files: Held[]) => Held[]>> = {
  inserted: (files) => files,
  'newest-first': (files) => files.sort((a, b) => b.createdAtSeconds - a.createdAtSeconds),
  'oldest-first': (files) => files.sort((a, b) => a.createdAtSeconds - b.createdAtSeconds),
}

function renderList(files: readonly Held[], emptyList: Behaviour['emptyList']): string {
  const list = files.map((file) => renderFields(toFields(file))).join(',')
  if (list === '' && emptyList === 'absent') return `{"base_resp":${SUCCESS}}`
  return `{"files":${list === '' && emptyList === 'null' ? 'null' : `[${list}]`},"base_resp":${SUCCESS}}`
}

export function createLister(library: Library, behaviour: () => Behaviour): Handler {
  return ({ query, stamp }) => {
    const { listOrder, listCap, listNeedsPurpose, emptyList } = behaviour()
    const purpose = query.get('purpose') ?? ''
    // Both texts are assumed.
    if (purpose === '' && listNeedsPurpose) {
      return answerWith(createInvalidAnswer(stamp, 'purpose cannot be empty'))
    }
    if (purpose !== '' && !isPurpose(purpose)) {
      return answerWith(createInvalidAnswer(stamp, `unsupported purpose: ${purpose}`))
    }
    const files = library.list().filter((file) => purpose === '' || file.purpose === purpose)
    return answerWith(
      createJsonAnswer(stamp, renderList(orders[listOrder](files).slice(0, listCap), emptyList)),
    )
  }
}
