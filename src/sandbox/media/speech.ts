// The result of a speech task: a tar with the audio, its titles and extra data. Members with these extensions were seen; the
// names of their fields are assumed.

import { decodeMp3 } from './mp3.js'
import { createTar } from './tar.js'
import { createPcm, createWav } from './wav.js'

const TONE = { hertz: 330, seconds: 1, sampleRate: 16_000 } as const

/** The audio formats that the sandbox can make. Whatever the text, the audio is one second of the same tone. */
export const audioFormats = {
  mp3: decodeMp3,
  wav: () => createWav(TONE),
  pcm: () => createPcm(TONE),
} as const

export type AudioFormat = keyof typeof audioFormats

export type Speech = {
  readonly text: string
  readonly format: AudioFormat
  readonly usageCharacters: number
}

function toJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** `name` is the members' name without extension. */
export function createSpeechTar(name: string, { text, format, usageCharacters }: Speech): Buffer {
  const milliseconds = TONE.seconds * 1_000
  const extra = {
    audio_length: milliseconds,
    audio_sample_rate: TONE.sampleRate,
    audio_format: format,
    audio_channel: 1,
    usage_characters: usageCharacters,
  }
  return createTar([
    { name: `${name}.${format}`, data: audioFormats[format]() },
    { name: `${name}.titles`, data: toJson([{ text, time_begin: 0, time_end: milliseconds }]) },
    { name: `${name}.extra`, data: toJson(extra) },
  ])
}
