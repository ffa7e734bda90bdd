// The bytes of the sandbox's own files: small, genuine, and the same in every process. Each is made when it is first
// asked for, since the server that embeds the sandbox should start at once.

import { createMemoryBody } from './body.js'
import { decodeFilm } from './media/film.js'
import { createPng } from './media/png.js'
import { createSpeechTar } from './media/speech.js'
import { createWav } from './media/wav.js'

const jsonLines = [
  { prompt: 'Where is the file?', completion: 'Behind a signed link.' },
  { prompt: 'For how long?', completion: 'Until it expires.' },
]

export const contents = {
  wav: createMemoryBody('audio/wav', () => createWav({ hertz: 440, seconds: 1, sampleRate: 8_000 })),
  mp4: createMemoryBody('video/mp4', decodeFilm),
  tar: createMemoryBody('application/x-tar', () =>
    createSpeechTar('content-1', { text: 'Hello.', format: 'mp3', usageCharacters: 6 }),
  ),
  txt: createMemoryBody('text/plain; charset=utf-8', () =>
    Buffer.from('A file of the sandbox.\n文件, fichier, файл.\n'.repeat(8)),
  ),
  jsonl: createMemoryBody('application/jsonl', () =>
    Buffer.from(jsonLines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  ),
  png: createMemoryBody('image/png', createPng),
} as const

export type ContentKind = keyof typeof contents
