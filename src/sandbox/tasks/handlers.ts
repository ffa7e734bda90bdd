// The handlers of both pipelines, for creating tasks and for querying them.

import type { Behaviour } from '../behaviour.js'
import type { Handler } from '../call.js'
import type { Library } from '../files/library.js'
import type { RunningTotals } from '../totals.js'
import { speechWords, videoWords } from './progress.js'
import { createSpeechCreator, createSpeechQuery } from './speech.js'
import { createTasks } from './tasks.js'
import { createVideoCreator, createVideoQuery } from './video.js'

type Sources = {
  readonly library: Library
  readonly totals: RunningTotals
  readonly behaviour: () => Behaviour
  readonly now: () => number
}

type TaskOperation = 'createVideo' | 'queryVideo' | 'createSpeech' | 'querySpeech'

export function createTaskHandlers(sources: Sources): Readonly<Record<TaskOperation, Handler>> {
  const { library, totals, now } = sources
  const videos = createTasks(sources, videoWords)
  const speeches = createTasks(sources, speechWords)
  return {
    createVideo: createVideoCreator(videos, totals),
    queryVideo: createVideoQuery(videos),
    createSpeech: createSpeechCreator(speeches, library, totals),
    querySpeech: createSpeechQuery(speeches, now),
  }
}
