// The bytes of the sandbox's own files: small, genuine, and the same in every process. Each is made when it is first
// asked for, since the server that embeds the sandbox should start at once.

import { decodeFilm } from './media/film.js'
import { createPng } from './media/png.js'
import { createSpeechTar } from './media/speech.js'
import { createWav } from './media/wav.js'

const jsonLines = [
  { prompt: 'Where is the file?', completion: 'Behind a signed link.' },
  { prompt: 'For how long?', completion: 'Until it expires.' },
]

function createContent(type: string, make: () => Buffer) {
  let made: Buffer | undefined
  return {
    type,
    get bytes(): Buffer {
      made ??= make()
      return made
    },
  }
}

export const contents = {
  wav: createContent('audio/wav', () => createWav({ hertz: 440, seconds: 1, sampleRate: 8_000 })),
  mp4: createContent('video/mp4', decodeFilm),
  tar: createContent('application/x-tar', () =>
    createSpeechTar('content-1', { text: 'Hello.', format: 'mp3', usageCharacters: 6 }),
  ),
  txt: createContent('text/plain; charset=utf-8', () =>
    Buffer.from('A file of the sandbox.\n文件, fichier, файл.\n'.repeat(8)),
  ),
  jsonl: createContent('application/jsonl', () =>
    Buffer.from(jsonLines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  ),
  png: createContent('image/png', createPng),
} as const

export type Content = keyof typeof contents
