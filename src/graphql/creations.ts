// Creating tasks: an input as it comes from a client, and the task that becomes of it, or why there is none.
import { FileError } from '../errors.js'
import { parseFileId } from '../file.js'
import type { Order, SpeechInput, Task } from '../task.js'
import type { Context } from './context.js'
import { type Failure, toFailure } from './failure.js'
import type { CreateSpeechInput, CreateVideoInput } from './generated.js'

export async function createVideo(
  { idempotencyKey, ...input }: CreateVideoInput,
  context: Context,
): Promise<Task | Failure> {
  return create(() => ({ kind: 'video', input: toVideoInput(input) }), idempotencyKey, context)
}

export async function createSpeech(
  { idempotencyKey, ...input }: CreateSpeechInput,
  context: Context,
): Promise<Task | Failure> {
  return create(() => ({ kind: 'speech', input: toSpeechInput(input) }), idempotencyKey, context)
}

async function create(
  toOrder: () => Order,
  key: string | null | undefined,
  context: Context,
): Promise<Task | Failure> {
  try {
    if (!context.mayWrite) throw new FileError('FORBIDDEN')
    return await context.create(toOrder(), key ?? null)
  } catch (error) {
    return toFailure(error, context)
  }
}

type OfInput<T> = Omit<T, 'idempotencyKey'>

/** Member by member, in one order: inputs are told apart by what they say, not by how it was written. */
function toVideoInput(input: OfInput<CreateVideoInput>) {
  return {
    model: input.model,
    prompt: input.prompt ?? null,
    duration: input.duration ?? null,
    resolution: input.resolution ?? null,
    firstFrameImage: input.firstFrameImage ?? null,
    lastFrameImage: input.lastFrameImage ?? null,
    subjectImage: input.subjectImage ?? null,
    promptOptimizer: input.promptOptimizer ?? null,
    fastPretreatment: input.fastPretreatment ?? null,
    watermark: input.watermark ?? null,
  }
}

function toSpeechInput(input: OfInput<CreateSpeechInput>): SpeechInput {
  const textFileId = parseFileId(input.textFileId) ?? null
  if (textFileId === null && input.textFileId != null)
    throw new FileError('INVALID_INPUT', { rule: 'TEXT_FILE_ID' })
  return {
    model: input.model,
    text: input.text ?? null,
    textFileId,
    voiceId: input.voiceId,
    speed: input.speed ?? null,
    volume: input.volume ?? null,
    pitch: input.pitch ?? null,
    emotion: input.emotion ?? null,
    languageBoost: input.languageBoost ?? null,
    sampleRate: input.sampleRate ?? null,
    bitrate: input.bitrate ?? null,
    format: input.format ?? null,
    channels: input.channels ?? null,
    watermark: input.watermark ?? null,
  }
}
