// What the server says of itself: which upstream serves, what a call costs, which files can be asked for freely.

export type SampleFile = {
  readonly id: string
  readonly filename: string
  readonly note: string
  readonly linkLifetimeSeconds: number | undefined
}

export type Facts = {
  readonly upstream: 'sandbox' | 'cometapi' | 'minimax'
  readonly pricePerCallUsd: number
  readonly needsToken: boolean
  readonly introspection: boolean
  /** The sandbox's files; none where files are somebody's own. */
  readonly files: readonly SampleFile[]
}

export async function fetchFacts(): Promise<Facts> {
  const response = await fetch('/playground.json')
  if (!response.ok) throw new Error(`The server answered HTTP ${response.status}.`)
  return (await response.json()) as Facts
}
