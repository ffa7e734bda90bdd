// What an order may hold, rule by rule, and what it costs.
import { describe, expect, it } from 'vitest'
import type { FileError } from '../src/errors.js'
import type { FileId } from '../src/file.js'
import { rules } from '../src/rules.js'
import type { SpeechInput, TaskId, VideoInput } from '../src/task.js'
import { checkOrder } from '../src/tasks/input.js'
import { createPrices, type PriceList } from '../src/tasks/prices.js'
import { toSpeech, toVideo } from './helpers/orders.js'

/** The rule that is broken, or nothing. */
function check(order: Parameters<typeof checkOrder>[0], key: string | null = null): string {
  try {
    checkOrder(order, key)
    return ''
  } catch (error) {
    const { code, message, retryable } = error as FileError
    expect([code, retryable]).toEqual(['INVALID_INPUT', false])
    return Object.entries(rules).find(([, words]) => words === message)?.[0] ?? message
  }
}

const PICTURE = 'https://cdn.example/a.png?x=1'

describe('a video', () => {
  const good: [string, Partial<VideoInput>][] = [
    ['by its prompt alone', {}],
    ['of 2,000 characters that take two units each', { prompt: '🎬'.repeat(2000) }],
    ['of ten seconds', { duration: 10, resolution: '768P' }],
    ['of six seconds at 1080P', { duration: 6, resolution: '1080P' }],
    ['by the name that CometAPI has for its model', { model: 'minimax-hailuo-02', resolution: '768P' }],
    ['from a picture, small', { model: 'MiniMax-Hailuo-02', resolution: '512P', firstFrameImage: PICTURE }],
    ['from a picture alone', { prompt: null, firstFrameImage: PICTURE }],
    ['to a picture', { model: 'MiniMax-Hailuo-02', prompt: null, lastFrameImage: PICTURE }],
    ['of a person', { model: 'S2V-01', subjectImage: 'data:image/png;base64,iVBORw0KGgo=' }],
    [
      'by a model that is new, whatever it takes',
      { model: 'Hailuo-9', duration: 99, resolution: '8K', subjectImage: PICTURE },
    ],
    ['by one whose name an object has', { model: 'constructor', resolution: 'toString' }],
  ]
  it.each(good)('passes %s', (_, input) => expect(check(toVideo(input))).toBe(''))

  const bad: [string, Partial<VideoInput>][] = [
    ['MODEL', { model: ' ' }],
    ['MODEL', { model: 'm'.repeat(129) }],
    ['PROMPT_LENGTH', { prompt: 'a'.repeat(2001) }],
    ['PROMPT_LENGTH', { model: 'Hailuo-9', prompt: 'a'.repeat(2001) }],
    ['PROMPT_MISSING', { prompt: null }],
    ['PROMPT_MISSING', { prompt: ' \n' }],
    ['FIRST_FRAME_MISSING', { model: 'MiniMax-Hailuo-2.3-Fast' }],
    ['FIRST_FRAME_MISSING', { model: 'I2V-01-live' }],
    ['SUBJECT_MISSING', { model: 'S2V-01' }],
    ['LAST_FRAME', { lastFrameImage: PICTURE }],
    ['SUBJECT', { subjectImage: PICTURE }],
    ['RESOLUTION', { resolution: '512P' }],
    ['RESOLUTION', { resolution: '' }],
    ['RESOLUTION', { resolution: 'constructor' }],
    ['RESOLUTION', { model: 'T2V-01', resolution: '768P' }],
    ['RESOLUTION_NEEDS_PICTURE', { model: 'MiniMax-Hailuo-02', resolution: '512P' }],
    [
      'RESOLUTION_WITH_LAST_FRAME',
      { model: 'MiniMax-Hailuo-02', resolution: '512P', firstFrameImage: PICTURE, lastFrameImage: PICTURE },
    ],
    ['DURATION', { duration: 10, resolution: '1080P' }],
    ['DURATION', { duration: 7 }],
    ['DURATION', { duration: 0 }],
    ['FIRST_FRAME_FORM', { firstFrameImage: 'http://cdn.example/a.png' }],
    ['FIRST_FRAME_FORM', { firstFrameImage: 'data:image/svg+xml;base64,AAAA' }],
    ['FIRST_FRAME_FORM', { firstFrameImage: '' }],
    ['LAST_FRAME_FORM', { lastFrameImage: 'https://' }],
    ['SUBJECT_FORM', { subjectImage: 'data:image/png;base64,not base64' }],
  ]
  it.each(bad)('is refused by the rule %s (%j)', (rule, input) => expect(check(toVideo(input))).toBe(rule))

  it('of 100 KiB of the worst is refused at once', () => {
    const worst = ['data:image/png;base64,'.padEnd(1e5, 'A='), 'https://'.padEnd(1e5, 'a '), 'd'.repeat(1e5)]
    const startMs = performance.now()
    for (const firstFrameImage of worst) expect(check(toVideo({ firstFrameImage }))).toBe('FIRST_FRAME_FORM')
    expect(performance.now() - startMs).toBeLessThan(10_000)
  })
})

describe('a speech', () => {
  const good: [string, Partial<SpeechInput>][] = [
    ['of a text', {}],
    ['of 50,000 characters', { text: '語'.repeat(50_000) }],
    ['of a file', { text: null, textFileId: '11' as FileId }],
    [
      'at its limits',
      { speed: 0.5, volume: 10, pitch: -12, channels: 2, bitrate: 256_000, sampleRate: 8000 },
    ],
    ['in a format that is seldom', { format: 'pcmu_wav' }],
    ['by a model that is new', { model: 'speech-9', emotion: 'bored' }],
  ]
  it.each(good)('passes %s', (_, input) => expect(check(toSpeech(input))).toBe(''))

  const bad: [string, Partial<SpeechInput>][] = [
    ['MODEL', { model: '' }],
    ['TEXT_OR_FILE', { text: null }],
    ['TEXT_OR_FILE', { textFileId: '11' as FileId }],
    ['TEXT_LENGTH', { text: 'a'.repeat(50_001) }],
    ['TEXT_LENGTH', { text: ' ' }],
    ['VOICE_ID', { voiceId: '' }],
    ['SPEED', { speed: 0.49 }],
    ['SPEED', { speed: Number.NaN }],
    ['VOLUME', { volume: 0 }],
    ['VOLUME', { volume: 10.1 }],
    ['PITCH', { pitch: 13 }],
    ['EMOTION', { emotion: 'e'.repeat(65) }],
    ['LANGUAGE_BOOST', { languageBoost: '' }],
    ['SAMPLE_RATE', { sampleRate: 48_000 }],
    ['BITRATE', { bitrate: 1 }],
    ['FORMAT', { format: 'ogg' }],
    ['CHANNELS', { channels: 3 }],
  ]
  it.each(bad)('is refused by the rule %s (%j)', (rule, input) => expect(check(toSpeech(input))).toBe(rule))

  it('that is too long is told how to go on', () => {
    const order = toSpeech({ text: 'a'.repeat(50_001) })
    expect(() => checkOrder(order, null)).toThrow(/upload .* `textFileId`/)
  })
})

it.each(['', 'a b', 'é', 'k'.repeat(129)])('a key %j is refused', (key) => {
  expect(check(toVideo(), key)).toBe('KEY')
  expect(check(toSpeech(), key)).toBe('KEY')
})

it('a key of 128 visible characters passes', () => expect(check(toVideo(), '~'.repeat(128))).toBe(''))

describe('the price', () => {
  const usd = (
    order: Parameters<typeof checkOrder>[0],
    own: PriceList = {},
    file?: { filename: string; bytes: number | null },
  ) => createPrices(own).find(order, file).microUsd / 1e6

  const videos: [string, string | null, number | null, number][] = [
    ['MiniMax-Hailuo-2.3-Fast', '768P', 6, 0.19],
    ['MiniMax-Hailuo-2.3-Fast', '768P', 10, 0.32],
    ['MiniMax-Hailuo-2.3-Fast', '1080P', 6, 0.33],
    ['MiniMax-Hailuo-2.3', null, null, 0.28],
    ['MiniMax-Hailuo-2.3', '768P', 10, 0.56],
    ['minimax-hailuo-02', '1080P', null, 0.49],
    ['MiniMax-Hailuo-02', '512P', 6, 0.1],
    ['MiniMax-Hailuo-02', '512P', 10, 0.15],
    ['T2V-01', null, null, 0.56], // no price is known: the dearest
    ['Hailuo-9', '8K', 99, 0.56],
  ]
  it.each(videos)('of %s at %s for %s s', (model, resolution, duration, expected) => {
    expect(usd(toVideo({ model, resolution, duration }))).toBe(expected)
  })

  const ownPrices: PriceList = {
    'minimax-HAILUO-2.3': { '768P': { '6': 100_000 } },
    'Hailuo-9': { '8K': { '99': 3_000_000 } },
    'speech-2.8-hd': 50_000_000,
  }
  it('is replaced entry by entry, and the dearest with it', () => {
    expect(usd(toVideo({ resolution: '768P' }), ownPrices)).toBe(0.1)
    expect(usd(toVideo({ duration: 10 }), ownPrices)).toBe(0.56)
    expect(usd(toVideo({ model: 'hailuo-9', resolution: '8K', duration: 99 }), ownPrices)).toBe(3)
    expect(usd(toVideo({ model: 'T2V-01' }), ownPrices)).toBe(3)
    expect(usd(toSpeech({ text: 'a'.repeat(1000) }), ownPrices)).toBe(0.05)
  })

  it('of speech is at the most one character for each byte, and in the end what was charged', () => {
    const price = createPrices({}).find(toSpeech({ model: 'speech-02-turbo', text: '語言' }), undefined)
    expect(price.microUsd).toBe(360)
    expect(price.settle({ id: '1' as TaskId, usageCharacters: 4 })).toBe(240)
    expect(price.settle({ id: '1' as TaskId, usageCharacters: null })).toBe(360)
    expect(price.settle({ id: '1' as TaskId, usageCharacters: 1e9 })).toBe(360)
  })

  it('of a file goes by its size; what its size does not tell counts as the most there can be', () => {
    const order = toSpeech({ text: null, textFileId: '11' as FileId })
    expect(usd(order, {}, { filename: 'a.TXT', bytes: 5000 })).toBe(0.5)
    expect(usd(order, {}, { filename: 'a.txt', bytes: 4e6 })).toBe(100)
    expect(usd(order, {}, { filename: 'a.txt', bytes: null })).toBe(100)
    expect(usd(order, {}, { filename: 'a.zip', bytes: 5000 })).toBe(100)
    expect(usd(toSpeech({ model: 'speech-9', text: 'a'.repeat(1000) }))).toBe(0.1)
  })
})
