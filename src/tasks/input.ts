// Checks orders against the upstream's documented rules, before anything is paid. What is not documented, such as a new model,
// passes: the upstream decides.
import { FileError } from '../errors.js'
import { DEFAULT_SECONDS, findVideoModel, type VideoModel } from '../models.js'
import type { Rule } from '../rules.js'
import type { Order, SpeechInput, VideoInput } from '../task.js'

const MAX_PROMPT = 2000
const MAX_TEXT = 50_000
const SAMPLE_RATES = [8000, 16_000, 22_050, 24_000, 32_000, 44_100]
const BITRATES = [32_000, 64_000, 128_000, 256_000]
const FORMATS = ['mp3', 'pcm', 'flac', 'wav', 'pcmu_raw', 'pcmu_wav', 'opus']

/** Each rule and whether it is broken. The client is told of the first one. */
type Checks = readonly (readonly [Rule, boolean])[]

/** Throws `INVALID_INPUT` for the first rule that is broken. */
export function checkOrder(order: Order, key: string | null): void {
  const checks = order.kind === 'video' ? checkVideo(order.input) : checkSpeech(order.input)
  const all: Checks = [...checks, ['KEY', key !== null && !/^[\x21-\x7e]{1,128}$/.test(key)]]
  const [rule] = all.find(([, isBroken]) => isBroken) ?? []
  if (rule !== undefined) throw new FileError('INVALID_INPUT', { rule })
}

function checkVideo(input: VideoInput): Checks {
  const { model: name, prompt, firstFrameImage, lastFrameImage, subjectImage } = input
  const model = findVideoModel(name)
  return [
    ['MODEL', !isShort(name, 128)],
    ['PROMPT_LENGTH', countCharacters(prompt ?? '') > MAX_PROMPT],
    ['FIRST_FRAME_FORM', !isPicture(firstFrameImage)],
    ['LAST_FRAME_FORM', !isPicture(lastFrameImage)],
    ['SUBJECT_FORM', !isPicture(subjectImage)],
    ...(model ? checkModel(input, model) : []),
  ]
}

function checkModel(input: VideoInput, model: VideoModel): Checks {
  const { prompt, firstFrameImage: first, lastFrameImage: last, subjectImage: subject } = input
  const { needs, sizes, takesLastFrame, onlyFromPicture } = model
  const resolution = input.resolution ?? Object.keys(sizes)[0] ?? ''
  const seconds = Object.hasOwn(sizes, resolution) ? sizes[resolution] : undefined
  const isForPictures = resolution === onlyFromPicture
  return [
    ['PROMPT_MISSING', needs === 'prompt' && !prompt?.trim() && first === null && last === null],
    ['FIRST_FRAME_MISSING', needs === 'firstFrameImage' && first === null],
    ['SUBJECT_MISSING', needs === 'subjectImage' && subject === null],
    ['LAST_FRAME', last !== null && !takesLastFrame],
    ['SUBJECT', subject !== null && needs !== 'subjectImage'],
    ['RESOLUTION', seconds === undefined],
    ['RESOLUTION_WITH_LAST_FRAME', isForPictures && last !== null],
    ['RESOLUTION_NEEDS_PICTURE', isForPictures && first === null],
    ['DURATION', seconds?.includes(input.duration ?? DEFAULT_SECONDS) === false],
  ]
}

function checkSpeech(input: SpeechInput): Checks {
  const { text, textFileId, speed, volume, pitch } = input
  return [
    ['MODEL', !isShort(input.model, 128)],
    ['TEXT_OR_FILE', (text === null) === (textFileId === null)],
    ['TEXT_LENGTH', text !== null && (text.trim() === '' || countCharacters(text) > MAX_TEXT)],
    ['VOICE_ID', !isShort(input.voiceId, 256)],
    ['SPEED', speed !== null && !(speed >= 0.5 && speed <= 2)],
    ['VOLUME', volume !== null && !(volume > 0 && volume <= 10)],
    ['PITCH', pitch !== null && !(pitch >= -12 && pitch <= 12)],
    ['EMOTION', input.emotion !== null && !isShort(input.emotion, 64)],
    ['LANGUAGE_BOOST', input.languageBoost !== null && !isShort(input.languageBoost, 64)],
    ['SAMPLE_RATE', !isAmong(SAMPLE_RATES, input.sampleRate)],
    ['BITRATE', !isAmong(BITRATES, input.bitrate)],
    ['FORMAT', !isAmong(FORMATS, input.format)],
    ['CHANNELS', !isAmong([1, 2], input.channels)],
  ]
}

function isAmong<T>(values: readonly T[], value: T | null): boolean {
  return value === null || values.includes(value)
}

function isShort(text: string, maxLength: number): boolean {
  return text.trim() !== '' && text.length <= maxLength
}

/** Counts code points: a character of two UTF-16 units is one. */
function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function isPicture(value: string | null): boolean {
  if (value === null) return true
  if (/^data:/i.test(value))
    return /^data:image\/(?:jpe?g|png|webp);base64,[A-Za-z0-9+/]+={0,2}$/i.test(value)
  return /^https:\/\/[^\s/?#]+\S*$/i.test(value)
}
