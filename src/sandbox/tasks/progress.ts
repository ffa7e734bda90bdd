// The status of a task is a function of its fate and the time, so a test only needs to set the clock.

import type { Fate } from './fate.js'

/** The words of one pipeline for its statuses. */
export type StatusWords = {
  /** The statuses before the end, each with the part of the task's time from which it is shown. */
  readonly stages: readonly (readonly [from: number, status: string])[]
  readonly success: string
  readonly failure: string
  readonly expired: string
}

export const videoWords: StatusWords = {
  stages: [
    [0, 'Preparing'],
    [0.1, 'Queueing'],
    [0.3, 'Processing'],
  ],
  success: 'Success',
  failure: 'Fail',
  expired: 'Expired',
}

export const speechWords: StatusWords = {
  stages: [[0, 'Processing']],
  success: 'Success',
  failure: 'Failed',
  expired: 'Expired',
}

/** A status that is not documented. */
const ODD_STATUS = 'Moderating'

export type TaskProgress = {
  readonly status: string
  readonly succeeded: boolean
  /** The `base_resp` code of a failure, otherwise 0. */
  readonly code: number
}

/** `part` is how much of the task's time has passed; from 1 on it has ended. */
export function toProgress(fate: Fate, part: number, words: StatusWords): TaskProgress {
  const stage = words.stages.findLast(([from]) => part >= from) ?? words.stages[0]
  const under = (status = '') => ({ status, succeeded: false, code: 0 })
  if (part < 1) return under(fate.kind === 'odd' && part >= 0.5 ? ODD_STATUS : stage?.[1])
  switch (fate.kind) {
    case 'failure':
      return { ...under(words.failure), code: fate.code }
    case 'expired':
      return under(words.expired)
    case 'stuck':
      return under(stage?.[1])
    case 'odd':
      return under(ODD_STATUS)
    default:
      return { ...under(words.success), succeeded: true }
  }
}
