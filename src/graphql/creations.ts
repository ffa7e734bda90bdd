// Creates tasks from the inputs of clients.
import { FileError } from '../errors.js'
import { parseFileId } from '../file.js'
import type { Order, SpeechInput, Task } from '../task.js'
import type { Context } from './context.js'
import type { CreateSpeechInput, CreateVideoInput } from './generated.js'

export function createVideo({ idempotencyKey, ...input }: CreateVideoInput, context: Context) {
  return create(() => ({ kind: 'video', input: toVideoInput(input) }), idempotencyKey, context)
}

export function createSpeech({ idempotencyKey, ...input }: CreateSpeechInput, context: Context) {
  return create(() => ({ kind: 'speech', input: toSpeechInput(input) }), idempotencyKey, context)
}

/** Rejects with a `FileError`. */
async function create(toOrder: () => Order, key: string | null | undefined, context: Context): Promise<Task> {
  if (!context.mayWrite) throw new FileError('FORBIDDEN')
  return context.create(toOrder(), key ?? null)
}

type OfInput<T> = Omit<T, 'idempotencyKey'>

/** Member by member in a fixed order: inputs that say the same have the same digest, however they were written. */
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
