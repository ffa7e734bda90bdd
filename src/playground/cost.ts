// Reads from a response what it cost, so that the badge always belongs to the answer shown.

export type Cost = {
  readonly calls: number
  readonly usd: number
  /** From the sandbox: nothing was really paid. */
  readonly simulated: boolean
  /** Whether it contains a failure. */
  readonly failed: boolean
}

/** `undefined` for a response of another server. */
export function readCost(body: unknown): Cost | undefined {
  const { extensions, ...rest } = toRecord(body)
  const { calls, usd, simulated } = toRecord(toRecord(extensions).cost)
  if (typeof calls !== 'number' || typeof usd !== 'number') return undefined
  return { calls, usd, simulated: simulated === true, failed: hasCode(rest) }
}

const toRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

export type CostBadge = { readonly text: string; readonly look: 'paid' | 'free' | 'quiet' }

/** The look `paid` is only for real money, and `free` only for what was reused. */
export function toBadge({ calls, usd, simulated, failed }: Cost, status: number): CostBadge {
  if (status === 401) return { text: 'not asked', look: 'quiet' }
  if (calls === 0 && usd === 0)
    return failed ? { text: 'free: no call was made', look: 'quiet' } : { text: 'free: reused', look: 'free' }
  const count = calls === 1 ? '1 call' : `${calls} calls`
  if (usd === 0) return { text: `${count}, free`, look: 'quiet' }
  return simulated
    ? { text: `${count}, $${usd} (simulated)`, look: 'quiet' }
    : { text: `${count}, $${usd}`, look: 'paid' }
}

/** Failures have a `code`, both in `errors` and in `data`. */
function hasCode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'code' in value || Object.values(value).some(hasCode)
}
