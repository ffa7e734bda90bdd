// The sandbox's own files are what they say: a browser shows the picture and plays the film and the sounds.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contents } from '../src/sandbox/content.js'
import { FILM_SIZE } from '../src/sandbox/media/film.js'
import { audioFormats, createSpeechTar } from '../src/sandbox/media/speech.js'
import { missing, shareBrowser } from './helpers/browser.js'

const open = shareBrowser()
const page = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><link rel=icon href=data:,>')
})
beforeAll(() => new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve)))
afterAll(() => page.close())

function visit() {
  return open(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`)
}

function toDataUrl(type: string, bytes: Buffer): string {
  return `data:${type};base64,${bytes.toString('base64')}`
}

/** Plays to the end, muted and sixteen times as fast; rejects where the browser cannot. */
function toPlayer(tag: 'audio' | 'video', url: string): string {
  return `new Promise((resolve, reject) => {
    const player = document.createElement('${tag}')
    player.muted = true
    player.playbackRate = 16
    player.onended = () => resolve([player.duration, player.videoWidth, player.videoHeight])
    player.onerror = () => reject(new Error(player.error.message))
    player.src = '${url}'
    player.play().catch(reject)
  })`
}

it.skipIf(missing)('a browser shows the picture', async () => {
  const { page, faults } = await visit()
  const url = toDataUrl('image/png', contents.png.bytes)
  const size = await page.evaluate(`(async () => {
    const image = new Image()
    image.src = '${url}'
    await image.decode()
    return { width: image.naturalWidth, height: image.naturalHeight }
  })()`)
  expect(size).toEqual(FILM_SIZE)
  expect(faults).toEqual([])
})

it.skipIf(missing)('a browser plays the film to its end', async () => {
  const { page, faults } = await visit()
  const [seconds, width, height] = await page.evaluate<number[]>(
    toPlayer('video', toDataUrl('video/mp4', contents.mp4.bytes)),
  )
  expect({ width, height }).toEqual(FILM_SIZE)
  expect(seconds).toBeCloseTo(3, 1)
  expect(faults).toEqual([])
})

it.skipIf(missing).each([
  ['audio/wav', contents.wav.bytes],
  ['audio/mpeg', audioFormats.mp3()],
  ['audio/wav', audioFormats.wav()],
])('a browser plays the %s to its end', async (type, bytes) => {
  const { page, faults } = await visit()
  const [seconds] = await page.evaluate<number[]>(toPlayer('audio', toDataUrl(type, bytes)))
  expect(seconds).toBeCloseTo(1, 0)
  expect(faults).toEqual([])
})

it('a speech is a tar of the audio, its titles and more, each where its header says', () => {
  const text = 'Grüße, 世界.'
  const tar = createSpeechTar('content-7', { text, format: 'wav', usageCharacters: 11 })
  const members: Record<string, Buffer> = {}
  for (let at = 0; tar[at] !== 0; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*/s, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
    members[name] = tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  expect(Object.keys(members)).toEqual(['content-7.wav', 'content-7.titles', 'content-7.extra'])
  expect(members['content-7.wav']?.equals(audioFormats.wav())).toBe(true)
  expect(JSON.parse(String(members['content-7.titles']))).toMatchObject([{ text }])
  expect(JSON.parse(String(members['content-7.extra']))).toMatchObject({ usage_characters: 11 })
})
