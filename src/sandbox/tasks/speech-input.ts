// Checks the input of `POST /v1/t2a_async_v2` by its documentation, and whether the sandbox can make the audio.

import { isObject } from '../json.js'
import { type AudioFormat, audioFormats } from '../media/speech.js'

const MODEL = /^speech-(2\.8|2\.6|02|01)-(hd|turbo)$/
const MAX_TEXT_CHARACTERS = 50_000

type Input = Readonly<Record<string, unknown>>

/** Whether a value is missing, or a number in the range; `above` itself is outside it. */
type Range = { readonly from?: number; readonly above?: number; readonly to: number }

const voiceRanges: Readonly<Record<string, Range>> = {
  speed: { from: 0.5, to: 2 },
  vol: { above: 0, to: 10 },
  pitch: { from: -12, to: 12 },
}

/** The documented sample rates. The sandbox's tone does not change with them. */
const audioChoices: Readonly<Record<string, readonly unknown[]>> = {
  audio_sample_rate: [8_000, 16_000, 22_050, 24_000, 32_000, 44_100],
  bitrate: [32_000, 64_000, 128_000, 256_000],
  channel: [1, 2],
}

function isIn(value: unknown, { from, above, to }: Range): boolean {
  if (typeof value !== 'number') return false
  return value <= to && (from === undefined || value >= from) && (above === undefined || value > above)
}

function checkVoice(voice: Input): string | undefined {
  if (typeof voice.voice_id !== 'string' || voice.voice_id === '') return 'no voice_id found' // the real text
  const wrong = Object.entries(voiceRanges).find(
    ([name, range]) => voice[name] !== undefined && !isIn(voice[name], range),
  )
  return wrong && `voice_setting.${wrong[0]} is out of range`
}

function checkAudio(audio: Input): string | undefined {
  const wrong = Object.entries(audioChoices).find(
    ([name, choices]) => audio[name] !== undefined && !choices.includes(audio[name]),
  )
  if (wrong) return `audio_setting.${wrong[0]} must be one of ${wrong[1].join(', ')}`
  if (isFormat(audio.format ?? 'mp3')) return undefined
  return `unsupported format: ${audio.format} (the sandbox makes ${Object.keys(audioFormats).join(', ')})`
}

function isFormat(value: unknown): value is AudioFormat {
  return typeof value === 'string' && Object.hasOwn(audioFormats, value)
}

export function readFormat({ audio_setting: audio }: Input): AudioFormat {
  return isObject(audio) && isFormat(audio.format) ? audio.format : 'mp3'
}

/** What is wrong with the input, in words like the upstream's; undefined if nothing is. */
export function checkSpeechInput(input: Input): string | undefined {
  const { model, text, text_file_id: textFileId, voice_setting: voice, audio_setting: audio } = input
  if (typeof model !== 'string' || model === '') return 'model cannot be empty'
  if (!MODEL.test(model)) return `unsupported model: ${model}`
  if (textFileId === undefined && (typeof text !== 'string' || text === '')) return 'text cannot be empty'
  if (textFileId !== undefined && text !== undefined) return 'only one of text and text_file_id can be given'
  if (typeof text === 'string' && [...text].length > MAX_TEXT_CHARACTERS) {
    return `text is too long, at most ${MAX_TEXT_CHARACTERS} characters`
  }
  return checkVoice(isObject(voice) ? voice : {}) ?? checkAudio(isObject(audio) ? audio : {})
}
