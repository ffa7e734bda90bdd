// The tabs that make a film and a speech, and those that follow one until its file is there. None runs by itself.
import type { Facts } from './facts.js'
import { type Operation, toOperation } from './operation.js'
import type { SeenTask } from './seen.js'

const makeAFilm = (price: string) => `# Makes a film ${price}.
mutation MakeAFilm($input: CreateVideoInput!) {
  createVideo(input: $input) {
    __typename
    ... on VideoTask {
      id
      status
      retryAfterSeconds
    }
    ... on FileError {
      code
      message
      retryable
    }
  }
}`

const makeASpeech = (price: string) => `# Speaks a long text ${price}.
mutation MakeASpeech($input: CreateSpeechInput!) {
  createSpeech(input: $input) {
    __typename
    ... on SpeechTask {
      id
      status
      retryAfterSeconds
    }
    ... on FileError {
      code
      message
      retryable
    }
  }
}`

const task = `__typename
    id
    status
    statusName
    retryAfterSeconds
    failure {
      code
      message
    }
    file {
      id
      filename
      bytes
      purpose
      contentUrl
      downloadUrl
      downloadUrlExpiresAt
    }`

const followTheFilm = `# Says each change of a task, until it has ended.
subscription FollowTheFilm($id: ID!) {
  videoTask(id: $id) {
    ${task}
  }
}`

const followTheSpeech = `# Says each change of a task, until it has ended.
subscription FollowTheSpeech($id: ID!) {
  speechTask(id: $id) {
    ${task}
  }
}`

export function toTaskExamples({
  upstream,
  taskPricesUsd,
}: Pick<Facts, 'upstream' | 'taskPricesUsd'>): Operation[] {
  const film = {
    model: 'MiniMax-Hailuo-2.3',
    prompt: 'A paper boat on a quiet lake at dawn.',
    duration: 6,
    resolution: '768P',
  }
  const speech = {
    model: 'speech-2.6-hd',
    text: 'Once upon a time there was a paper boat that wanted to see the sea.',
    voiceId: 'English_Graceful_Lady',
  }
  const filmUsd = taskPricesUsd[`${film.model.toLowerCase()} ${film.resolution} ${film.duration}`]
  const millionUsd = taskPricesUsd[speech.model]
  const speechUsd = millionUsd && (millionUsd * speech.text.length) / 1e6
  const toPrice = (usd: number | undefined) => {
    if (upstream === 'sandbox') return 'for free, in seconds'
    return usd === undefined
      ? 'at a price that this server does not know'
      : `for about $${Number(usd.toPrecision(2))}`
  }
  return [
    toOperation(makeAFilm(toPrice(filmUsd)), { input: film }),
    toOperation(makeASpeech(toPrice(speechUsd)), { input: speech }),
  ]
}

/** What follows a task that an answer has shown. */
export function toFollowing({ id, kind }: SeenTask): Operation {
  return toOperation(kind === 'film' ? followTheFilm : followTheSpeech, { id })
}
