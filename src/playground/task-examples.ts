// The tabs that make a video and a speech, and those that follow one until its file is there. None runs by itself.
import type { Facts } from './facts.js'
import { type Operation, toOperation } from './operation.js'
import type { SeenTask } from './seen.js'

const makeAVideo = (price: string) => `# Makes a video ${price}.
mutation MakeAVideo($input: CreateVideoInput!) {
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

const makeASpeech = (price: string) => `# Turns a long text into speech ${price}.
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

const followTheVideo = `# Sends each change of the task, until it has ended.
subscription FollowTheVideo($id: ID!) {
  videoTask(id: $id) {
    ${task}
  }
}`

const followTheSpeech = `# Sends each change of the task, until it has ended.
subscription FollowTheSpeech($id: ID!) {
  speechTask(id: $id) {
    ${task}
  }
}`

export function toTaskExamples({
  upstream,
  taskPricesUsd,
}: Pick<Facts, 'upstream' | 'taskPricesUsd'>): Operation[] {
  const video = {
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
  const videoUsd = taskPricesUsd[`${video.model.toLowerCase()} ${video.resolution} ${video.duration}`]
  const millionUsd = taskPricesUsd[speech.model]
  const speechUsd = millionUsd && (millionUsd * speech.text.length) / 1e6
  const toPrice = (usd: number | undefined) => {
    if (upstream === 'sandbox') return 'for free, in seconds'
    return usd === undefined
      ? 'at a price that this server does not know'
      : `for about $${Number(usd.toPrecision(2))}`
  }
  return [
    toOperation(makeAVideo(toPrice(videoUsd)), { input: video }),
    toOperation(makeASpeech(toPrice(speechUsd)), { input: speech }),
  ]
}

/** The subscription that follows a task of an answer. */
export function toFollowing({ id, kind }: SeenTask): Operation {
  return toOperation(kind === 'video' ? followTheVideo : followTheSpeech, { id })
}
