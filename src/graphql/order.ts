// In which order failures are told: that of the response. GraphQL tells them as they come, and so in another order each time.
import type { GraphQLFormattedError } from 'graphql'

/** Those without a place first; where the response is empty, all stay as they came. */
export function inOrder(errors: readonly GraphQLFormattedError[], data: unknown): GraphQLFormattedError[] {
  return errors
    .map((error) => ({ error, places: toPlaces(error.path ?? [], data) }))
    .sort((a, b) => compare(a.places, b.places))
    .map(({ error }) => error)
}

/** Which of its siblings each step of a path is, as far as the response goes. */
function toPlaces(path: readonly (string | number)[], data: unknown): number[] {
  const places: number[] = []
  let parent = data
  for (const key of path) {
    if (typeof parent !== 'object' || parent === null) break
    places.push(typeof key === 'number' ? key : Object.keys(parent).indexOf(key))
    parent = (parent as Readonly<Record<string | number, unknown>>)[key]
  }
  return places
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, index) => place !== b[index])
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}
