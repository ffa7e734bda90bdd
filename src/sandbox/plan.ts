// Selects the handler for each request, after the checks that come first.

import { refuse } from './admission.js'
import type { Behaviour } from './behaviour.js'
import { type AnswerPlan, answerWith, type Handler } from './call.js'
import { createContentHandler } from './files/content.js'
import { createDeleter } from './files/delete.js'
import { readId } from './files/find.js'
import type { Folder } from './files/folder.js'
import type { Library } from './files/library.js'
import { createLister } from './files/list.js'
import { createRetriever } from './files/retrieve.js'
import { createStore } from './files/store.js'
import { createUploader } from './files/upload.js'
import type { Signer } from './link.js'
import { findMagicFault } from './magic.js'
import type { Operation } from './operation.js'
import type { Planner } from './serve.js'
import { createTaskHandlers } from './tasks/handlers.js'
import type { RunningTotals } from './totals.js'

type Sources = {
  readonly library: Library
  readonly folder: Folder
  readonly signer: Signer
  readonly totals: RunningTotals
  readonly behaviour: () => Behaviour
  readonly now: () => number
  readonly url: () => string
}

function createHandlers(sources: Sources): Readonly<Record<Operation, Handler>> {
  const { library, behaviour } = sources
  return {
    upload: createUploader(sources),
    list: createLister(library, behaviour),
    retrieve: createRetriever(sources),
    content: createContentHandler(library, behaviour),
    delete: createDeleter(sources),
    ...createTaskHandlers(sources),
  }
}

export function createPlanner(sources: Sources): Planner {
  const handlers = createHandlers(sources)
  const store = createStore(sources.library, sources.signer, sources.behaviour)

  return ({ request, target: operation, stamp }, body) => {
    const { method = '', url = '', headers } = request
    if (operation === 'object') {
      const { id, reply } = store({ method, target: url, headers })
      return answerWith(reply, id)
    }
    const [path = ''] = url.split('?', 1)
    const query = new URLSearchParams(url.slice(path.length + 1))
    const authorization = headers.authorization ?? ''
    const refusal = refuse({ operation, method, path, query, authorization, stamp }, sources.behaviour())
    // A request without a good key or group is refused, even with a magic id.
    if (refusal) return answerWith(refusal, readId(query))
    const withMagic = (plan: AnswerPlan): AnswerPlan => ({
      ...plan,
      magic: plan.magic ?? (plan.id === undefined ? undefined : findMagicFault(plan.id, operation)),
    })
    const plan = handlers[operation]({ method, query, headers, stamp, body })
    return plan instanceof Promise ? plan.then(withMagic) : withMagic(plan)
  }
}
