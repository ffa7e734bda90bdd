// What a response cost, read from the response itself, so that the badge always speaks of what is shown.

export type Cost = {
  readonly calls: number
  readonly usd: number
  /** The sandbox answered: nothing was really paid. */
  readonly simulated: boolean
  /** Something in it failed. */
  readonly failed: boolean
}

/** `undefined` for what is no response of this server. */
export function readCost(response: string): Cost | undefined {
  try {
    const { extensions, ...rest } = JSON.parse(response)
    const { calls, usd, simulated } = extensions.cost
    if (typeof calls !== 'number' || typeof usd !== 'number') return undefined
    return { calls, usd, simulated: simulated === true, failed: hasCode(rest) }
  } catch {
    return undefined
  }
}

export function toCostText({ calls, usd, simulated, failed }: Cost): string {
  if (calls === 0) return failed ? 'free: no call was made' : 'free: reused'
  const count = calls === 1 ? '1 paid call' : `${calls} paid calls`
  return `${count}, $${usd}${simulated ? ' (simulated)' : ''}`
}

/** Failures carry a `code`, in `errors` as in data. */
function hasCode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'code' in value || Object.values(value).some(hasCode)
}
