// What the server tells the page about itself: its upstream, the price of a call, what is allowed, and the sandbox's files.

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
  /** Whether clients that may write can upload and delete files and create tasks. */
  readonly writes: boolean
  /** The sandbox's files; empty with another upstream. */
  readonly files: readonly SampleFile[]
}
