// The operations of the upstream, by method and path. Gateways may add a prefix to the path.

const CONTENT = 'files/retrieve_content'

/** Method and path; the path begins after `/v1/`. */
const routes = {
  upload: 'POST files/upload',
  list: 'GET files/list',
  retrieve: 'GET files/retrieve',
  content: `GET ${CONTENT}`,
  delete: 'POST files/delete',
  createVideo: 'POST video_generation',
  queryVideo: 'GET query/video_generation',
  createSpeech: 'POST t2a_async_v2',
  querySpeech: 'GET query/t2a_async_query_v2',
} as const

export type Operation = keyof typeof routes

/** What a request asks for: an operation, or an object behind a link. Requests are counted, and faults chosen, by it. */
export type Target = Operation | 'object'

export const targets = [
  ...(Object.keys(routes) as Operation[]),
  'object',
] as const satisfies readonly Target[]

const byRoute: ReadonlyMap<string, Operation> = new Map(
  (Object.keys(routes) as Operation[]).map((operation) => [routes[operation], operation]),
)

/** HEAD is known for the content only, where it counts as GET. */
export function findOperation(method: string, url: string): Operation | undefined {
  const path = url.split('?', 1)[0] ?? ''
  const at = path.lastIndexOf('/v1/')
  if (at < 0) return undefined
  const route = `${method} ${path.slice(at + 4)}`
  return route === `HEAD ${CONTENT}` ? 'content' : byRoute.get(route)
}
