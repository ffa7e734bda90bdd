// Sorts `errors` in the order of the response. GraphQL lists them as they occur, in a different order each time.
import type { GraphQLFormattedError } from 'graphql'

/** Errors without a path come first. If there is no data, the order stays as it is. */
export function inOrder(errors: readonly GraphQLFormattedError[], data: unknown): GraphQLFormattedError[] {
  return errors
    .map((error) => ({ error, places: toPlaces(error.path ?? [], data) }))
    .sort((a, b) => compare(a.places, b.places))
    .map(({ error }) => error)
}

/** The position of each step of a path among its siblings in the response. */
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
