// Checks the input of `POST /v1/video_generation` by its documentation: the models, and the durations and resolutions of
// each.

import { isObject } from '../json.js'

type Needs = 'prompt' | 'first_frame_image' | 'subject_reference'

type Model = {
  /** The inputs that the model requires. Without pictures it needs a prompt. */
  readonly needs: Needs
  /** The possible durations in seconds, by resolution. */
  readonly sizes: Readonly<Record<string, readonly number[]>>
  readonly lastFrame?: boolean
  /** Resolutions that need a first frame. */
  readonly withPicture?: readonly string[]
}

const OF_2023 = { '720P': [6] }

/** From the documented tables of text, image and subject to video. */
const models: Readonly<Record<string, Model>> = {
  'MiniMax-Hailuo-2.3': { needs: 'prompt', sizes: { '768P': [6, 10], '1080P': [6] } },
  'MiniMax-Hailuo-2.3-Fast': { needs: 'first_frame_image', sizes: { '768P': [6, 10], '1080P': [6] } },
  'MiniMax-Hailuo-02': {
    needs: 'prompt',
    sizes: { '512P': [6, 10], '768P': [6, 10], '1080P': [6] },
    lastFrame: true,
    withPicture: ['512P'],
  },
  'T2V-01-Director': { needs: 'prompt', sizes: OF_2023 },
  'T2V-01': { needs: 'prompt', sizes: OF_2023 },
  'I2V-01-Director': { needs: 'first_frame_image', sizes: OF_2023 },
  'I2V-01-live': { needs: 'first_frame_image', sizes: OF_2023 },
  'I2V-01': { needs: 'first_frame_image', sizes: OF_2023 },
  'S2V-01': { needs: 'subject_reference', sizes: OF_2023 },
}

/** CometAPI writes one of them in lower case. */
const aliases: Readonly<Record<string, string>> = {
  'minimax-hailuo-02': 'MiniMax-Hailuo-02',
  'minimax-hailuo-2.3': 'MiniMax-Hailuo-2.3',
  'video-01': 'T2V-01',
}

const MAX_PROMPT_CHARACTERS = 2_000

type Input = Readonly<Record<string, unknown>>

function isPicture(value: unknown): boolean {
  return typeof value === 'string' && /^(https?:\/\/\S|data:image\/(jpe?g|png|webp);base64,\S)/i.test(value)
}

function checkSubject(value: unknown): string | undefined {
  const [subject, ...others] = Array.isArray(value) ? value : []
  const isSubject = isObject(subject) && subject.type === 'character' && Array.isArray(subject.image)
  if (!isSubject || others.length > 0) return 'subject_reference must hold one character'
  const pictures = subject.image as unknown[]
  return pictures.length === 1 && isPicture(pictures[0]) ? undefined : 'subject_reference must hold one image'
}

function checkPictures(input: Input, model: Model, name: string): string | undefined {
  const { first_frame_image: first, last_frame_image: last, subject_reference: subject } = input
  if (first !== undefined && !isPicture(first)) return 'first_frame_image must be a URL or a data URL'
  if (last !== undefined && !isPicture(last)) return 'last_frame_image must be a URL or a data URL'
  if (last !== undefined && !model.lastFrame) return `model ${name} does not support last_frame_image`
  return subject === undefined ? undefined : checkSubject(subject)
}

function checkSize(input: Input, model: Model, name: string): string | undefined {
  const { resolution = Object.keys(model.sizes).find((size) => size !== '512P'), duration = 6 } = input
  const hasPicture = input.first_frame_image !== undefined
  const sizes = Object.keys(model.sizes).filter((size) => hasPicture || !model.withPicture?.includes(size))
  // This text was seen on the wire; the one about the duration follows it.
  if (typeof resolution !== 'string' || !sizes.includes(resolution)) {
    return `model ${name} does not support resolution ${resolution}, supported resolutions: ${sizes.join(', ')}`
  }
  const durations = model.sizes[resolution] ?? []
  if (typeof duration === 'number' && durations.includes(duration)) return undefined
  return `model ${name} does not support duration ${duration}, supported durations: ${durations.join(', ')}`
}

/** What is wrong with the input, in words like the upstream's; undefined if nothing is. */
export function checkVideoInput(input: Input): string | undefined {
  const { model: name, prompt } = input
  if (typeof name !== 'string' || name === '') return 'model cannot be empty'
  const full = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name
  const model = Object.hasOwn(models, full) ? models[full] : undefined
  if (!model) return `unsupported model: ${name}`
  if (prompt !== undefined && typeof prompt !== 'string') return 'prompt must be a string'
  if ([...(prompt ?? '')].length > MAX_PROMPT_CHARACTERS) {
    return `prompt is too long, at most ${MAX_PROMPT_CHARACTERS} characters`
  }
  const hasFrame = input.first_frame_image !== undefined || input.last_frame_image !== undefined
  const has = model.needs === 'prompt' ? prompt || hasFrame : input[model.needs] !== undefined
  if (!has) return `${model.needs} cannot be empty`
  return checkPictures(input, model, name) ?? checkSize(input, model, name)
}
