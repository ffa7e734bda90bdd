// What the server says of itself: which upstream serves, what a call costs, what is allowed, which files can be asked
// for freely.

export type SampleFile = {
  readonly id: string
  readonly filename: string
  readonly note: string
  readonly linkLifetimeSeconds: number | undefined
}

export type Facts = {
  readonly upstream: 'sandbox' | 'cometapi' | 'minimax'
  readonly pricePerCallUsd: number
  /** By model, resolution and seconds of a video, such as `t2v-01 720P 6`; by model of a million characters of speech. */
  readonly taskPricesUsd: Readonly<Record<string, number>>
  readonly needsToken: boolean
  readonly introspection: boolean
  /** Whether files can be uploaded and deleted, and tasks be created, by whoever may write. */
  readonly writes: boolean
  /** The sandbox's files; none where files are somebody's own. */
  readonly files: readonly SampleFile[]
}
