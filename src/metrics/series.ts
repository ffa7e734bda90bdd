// Series of numbers in memory. To count is an addition: they become Prometheus' text only when somebody fetches it.
// prom-client's own counters and histograms hash their labels each time.
import type { Metric, Registry } from 'prom-client'

export type About = { readonly name: string; readonly help: string }

type Labels = Readonly<Record<string, string | number>>

export type Sample = { readonly labels: Labels; readonly value: number; readonly metricName?: string }

/** Two names of labels, or a value of each. */
type Pair = readonly [string, string]

type Type = 'counter' | 'gauge' | 'histogram'

/** On each scrape it has what `read` gives then. */
export function addMetric(
  registry: Registry,
  type: Type,
  { name, help }: About,
  read: () => readonly Sample[],
): void {
  // All that a registry asks of a metric.
  const metric = { name, get: async () => ({ name, help, type, aggregator: 'sum', values: read() }) }
  registry.registerMetric(metric as unknown as Metric)
}

/** A sample without labels; none for what is not there. */
export function toSamples(value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [{ labels: {}, value }]
}

/**
 * Counts by one label. Of the `known` values there is a series from the start: a rate can be taken of what is 0, and of
 * nothing else before it has happened.
 */
export function addCounter(
  registry: Registry,
  about: About & { readonly label: string },
  known: readonly string[] = [],
): (value: string) => void {
  const counts = new Map(known.map((value) => [value, 0]))
  addMetric(registry, 'counter', about, () =>
    [...counts].map(([value, count]) => ({ labels: { [about.label]: value }, value: count })),
  )
  return (value) => counts.set(value, (counts.get(value) ?? 0) + 1)
}

/** The same by two labels. */
export function addCounters(
  registry: Registry,
  about: About & { readonly labels: Pair },
  known: readonly Pair[],
): (one: string, other: string) => void {
  const [outer, inner] = about.labels
  const all = new Map<string, Map<string, number>>()
  const add = (one: string, other: string, count: number) => {
    const some = find(all, one, () => new Map())
    some.set(other, (some.get(other) ?? 0) + count)
  }
  for (const [one, other] of known) add(one, other, 0)
  addMetric(registry, 'counter', about, () =>
    [...all].flatMap(([one, some]) =>
      [...some].map(([other, value]) => ({ labels: { [outer]: one, [inner]: other }, value })),
    ),
  )
  return (one, other) => add(one, other, 1)
}

/** A distribution over buckets, by what each may hold at most. */
class Buckets {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    let at = 0
    while (value > (this.#bounds[at] ?? Number.POSITIVE_INFINITY)) at++
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sum += value
  }

  toSamples(name: string, labels: Labels): Sample[] {
    let total = 0
    const buckets = this.#counts.map((count, at) => {
      total += count
      const le = this.#bounds[at] ?? '+Inf'
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total }
    })
    const sum = { metricName: `${name}_sum`, labels, value: this.#sum }
    return [...buckets, sum, { metricName: `${name}_count`, labels, value: total }]
  }
}

/** Distributes values. */
export function addHistogram(registry: Registry, about: About, bounds: readonly number[]) {
  const buckets = new Buckets(bounds)
  addMetric(registry, 'histogram', about, () => buckets.toSamples(about.name, {}))
  return (value: number): void => buckets.observe(value)
}

/** The same by two labels. */
export function addHistograms(
  registry: Registry,
  about: About & { readonly labels: Pair },
  bounds: readonly number[],
) {
  const [outer, inner] = about.labels
  const all = new Map<string, Map<string | number, Buckets>>()
  addMetric(registry, 'histogram', about, () =>
    [...all].flatMap(([one, some]) =>
      [...some].flatMap(([other, buckets]) =>
        buckets.toSamples(about.name, { [outer]: one, [inner]: other }),
      ),
    ),
  )
  return (one: string, other: string | number, value: number): void => {
    const some = find(all, one, () => new Map())
    find(some, other, () => new Buckets(bounds)).observe(value)
  }
}

function find<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const present = map.get(key)
  if (present !== undefined) return present
  const created = create()
  map.set(key, created)
  return created
}
