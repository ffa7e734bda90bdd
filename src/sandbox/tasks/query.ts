// Queries a task. Both pipelines use this; only the form of the answer differs.

import { type Answer, createInvalidAnswer, createJsonAnswer, renderFailure, SUCCESS } from '../answer.js'
import { answerWith, type Handler, type HandlerCall } from '../call.js'
import { parseInt64 } from '../int64.js'
import type { TaskProgress } from './progress.js'
import type { Task, Tasks } from './tasks.js'

/** The members besides `base_resp`, as raw JSON texts. */
type Render = (task: Task, progress: TaskProgress) => Readonly<Record<string, string>>

function renderTask(task: Task, progress: TaskProgress, render: Render): string {
  const members = Object.entries(render(task, progress)).map(([name, raw]) => `"${name}":${raw}`)
  const baseResp = progress.code === 0 ? SUCCESS : renderFailure(progress.code)
  return `{${[...members, `"base_resp":${baseResp}`].join(',')}}`
}

/** `limit` may refuse a query because there were too many. */
export function createTaskQuery(
  tasks: Tasks,
  render: Render,
  limit: (call: HandlerCall) => Answer | undefined = () => undefined,
): Handler {
  return (call) => {
    const { query, stamp } = call
    const limited = limit(call)
    if (limited) return answerWith(limited)
    const text = query.get('task_id') ?? ''
    if (text === '') return answerWith(createInvalidAnswer(stamp, 'task_id cannot by empty')) // sic: the real text
    const id = parseInt64(text)
    const found = id === undefined ? undefined : tasks.find(id)
    if (!found) return answerWith(createInvalidAnswer(stamp, 'task not found'), id) // the text is assumed
    return answerWith(createJsonAnswer(stamp, renderTask(found.task, found.progress, render)), id)
  }
}
