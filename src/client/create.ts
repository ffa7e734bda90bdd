// POST /v1/video_generation and /v1/t2a_async_v2: starts a task, which is paid for by what it makes. Sent once.
import {
  type Created,
  type CreateSource,
  type Order,
  parseTaskId,
  type SpeechInput,
  type VideoInput,
} from '../task.js'
import type { WireResponse } from '../wire/wire.js'
import { parseBody, type Reading, readAnswer } from './answer.js'
import type { Ask } from './ask.js'
import { type DecodeOptions, MAX_INT, parsePositive } from './decode.js'
import type { Targets } from './request.js'

export function createCreate(ask: Ask, targets: Targets['create'], options: DecodeOptions): CreateSource {
  return (order, price, lookup) =>
    ask(
      {
        target: targets[order.kind],
        body: toBody(order),
        priceMicroUsd: price.microUsd,
        creation: { unknown: 'TASK_OUTCOME_UNKNOWN', toMicroUsd: price.settle },
        read: (response) => readCreated(response, options),
      },
      lookup,
    )
}

/** Success without an id may have made a task all the same. */
function readCreated(response: WireResponse, options: DecodeOptions): Reading<Created> {
  return readAnswer(
    parseBody(response.body),
    response,
    { ...options, mayLack: true },
    ({ task_id, usage_characters }) => {
      const id = parseTaskId(task_id)
      return id && { id, usageCharacters: parsePositive(usage_characters, MAX_INT) }
    },
  )
}

function toBody(order: Order): string {
  switch (order.kind) {
    case 'video':
      return toJson(toVideo(order.input))
    case 'speech':
      return toJson(toSpeech(order.input), toFileMember(order.input))
    default:
      return order satisfies never
  }
}

function toVideo(input: VideoInput) {
  const { subjectImage } = input
  return {
    model: input.model,
    prompt: input.prompt,
    duration: input.duration,
    resolution: input.resolution,
    first_frame_image: input.firstFrameImage,
    last_frame_image: input.lastFrameImage,
    subject_reference: subjectImage === null ? null : [{ type: 'character', image: [subjectImage] }],
    prompt_optimizer: input.promptOptimizer,
    fast_pretreatment: input.fastPretreatment,
    aigc_watermark: input.watermark,
  }
}

function toSpeech(input: SpeechInput) {
  const { speed, pitch, emotion, bitrate, format } = input
  return {
    model: input.model,
    text: input.text,
    voice_setting: { voice_id: input.voiceId, speed, vol: input.volume, pitch, emotion },
    audio_setting: { audio_sample_rate: input.sampleRate, bitrate, format, channel: input.channels },
    language_boost: input.languageBoost,
    aigc_watermark: input.watermark,
  }
}

/** An id is a JSON number of up to 19 digits, which no double holds: it is written by hand. */
function toFileMember({ textFileId }: SpeechInput): string {
  return textFileId === null ? '' : `"text_file_id":${textFileId},`
}

/** Leaves out what was not given, since the upstream has defaults of its own. `first`: JSON that goes before the rest. */
function toJson(members: object, first = ''): string {
  const json = JSON.stringify(members, (_, value: unknown) => (isNothing(value) ? undefined : value))
  return `{${first}${json.slice(1)}`
}

function isNothing(value: unknown): boolean {
  if (value === null) return true
  return (
    typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((each) => each === null)
  )
}
