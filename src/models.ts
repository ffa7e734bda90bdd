// The documented models: what each takes, and what it costs. To be corrected here alone when MiniMax changes its documents. Part of
// the domain; imports nothing. A model that is not listed is not refused: the upstream decides.

export type VideoModel = {
  /** What an order must have. A prompt may be left out if there is a picture. */
  readonly needs: 'prompt' | 'firstFrameImage' | 'subjectImage'
  /** How many seconds a video of each resolution may have. The first resolution is the default. */
  readonly sizes: Readonly<Record<string, readonly number[]>>
  readonly takesLastFrame?: true
  /** A resolution that is only for videos with a first picture and no last one. */
  readonly onlyFromPicture?: string
}

const OF_2023 = { '720P': [6] }
const HAILUO = { '768P': [6, 10], '1080P': [6] }

/** By the name in lower case. From the pages "Text to Video", "Image to Video" and others of MiniMax's API reference, 2026-11. */
const videoModels: ReadonlyMap<string, VideoModel> = new Map<string, VideoModel>([
  ['minimax-hailuo-2.3', { needs: 'prompt', sizes: HAILUO }],
  ['minimax-hailuo-2.3-fast', { needs: 'firstFrameImage', sizes: HAILUO }],
  [
    'minimax-hailuo-02',
    { needs: 'prompt', sizes: { ...HAILUO, '512P': [6, 10] }, takesLastFrame: true, onlyFromPicture: '512P' },
  ],
  ['t2v-01', { needs: 'prompt', sizes: OF_2023 }],
  ['t2v-01-director', { needs: 'prompt', sizes: OF_2023 }],
  ['i2v-01', { needs: 'firstFrameImage', sizes: OF_2023 }],
  ['i2v-01-director', { needs: 'firstFrameImage', sizes: OF_2023 }],
  ['i2v-01-live', { needs: 'firstFrameImage', sizes: OF_2023 }],
  ['s2v-01', { needs: 'subjectImage', sizes: OF_2023 }],
])

export function findVideoModel(name: string): VideoModel | undefined {
  return videoModels.get(name.toLowerCase())
}

export function isSpeechModel(name: string): boolean {
  return typeof prices.get(name.toLowerCase()) === 'number'
}

/** The length of a video if the order does not say. */
export const DEFAULT_SECONDS = 6

/** In millionths of a US dollar: of a video by resolution and seconds, such as `768P 6`; of speech for a million characters. */
export type PriceEntry = ReadonlyMap<string, number> | number

/**
 * By the name in lower case, from MiniMax's page "Pay as You Go" (platform.minimax.io/docs/pricing): videos as of 2025-11, speech as
 * of 2026-11. CometAPI asks for less, but names no prices of tasks.
 */
export const prices: ReadonlyMap<string, PriceEntry> = new Map<string, PriceEntry>([
  ['minimax-hailuo-2.3-fast', toSizes(190_000, 320_000, 330_000)],
  ['minimax-hailuo-2.3', toSizes(280_000, 560_000, 490_000)],
  [
    'minimax-hailuo-02',
    new Map([...toSizes(280_000, 560_000, 490_000), ['512P 6', 100_000], ['512P 10', 150_000]]),
  ],
  ...['2.8', '2.6', '02', '01'].flatMap((version): [string, number][] => [
    [`speech-${version}-turbo`, 60_000_000],
    [`speech-${version}-hd`, 100_000_000],
  ]),
])

function toSizes(at768For6: number, at768For10: number, at1080For6: number): Map<string, number> {
  return new Map([
    ['768P 6', at768For6],
    ['768P 10', at768For10],
    ['1080P 6', at1080For6],
  ])
}
