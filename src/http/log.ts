// One log line per request: its operation's name, counts, and how it ended; nothing of its variables or its answer. There may
// be tens of thousands in a second, so the lines are put together by hand.
import type { Summary } from '../graphql/server.js'
import type { Visit } from './visit.js'

/** Where the server's lines go. */
export type Log = {
  isLevelEnabled(level: string): boolean
  warn(message: string): void
  error(detail: object, message: string): void
  /** Writes a line whose members are JSON already. */
  print(level: 'debug' | 'info', members: string): void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `debug`: asked every few seconds by machines. `none`: has no line at all. */
    readonly logged?: 'debug' | 'none'
  }
}

/** How a request ended. `routeOptions` is read once for all: Fastify makes the object each time it is read. */
type Ending = {
  readonly routeOptions: Visit['request']['routeOptions']
  readonly durationMs: number
}

/** Writes the line of a request that has ended. */
export function createRequestLog(
  log: Log,
): (visit: Visit, summary: Summary | undefined, ending: Ending) => void {
  if (!log.isLevelEnabled('info')) return () => {}
  const isOn = { debug: log.isLevelEnabled('debug'), info: true }

  return (visit, summary, { routeOptions: { url, config }, durationMs }) => {
    const level = config?.logged ?? 'info'
    if (level === 'none' || !isOn[level]) return
    const { status } = visit
    const message = status === 'left' ? 'the client left' : 'answered'
    const tail = summary ? toTail(summary) : ''
    log.print(level, `${toHead(visit, url, durationMs)}${tail},"msg":"${message}"`)
  }
}

/** The request's id is written as it is: it holds nothing that JSON would escape, see `createIds`. */
function toHead({ requestId, request, status }: Visit, url: string | undefined, durationMs: number): string {
  const route = url === undefined ? '' : `,"route":${JSON.stringify(url)}`
  const ending = status === 'left' ? '' : `,"status":${status}`
  const rounded = Math.round(durationMs)
  return `"requestId":"${requestId}","method":"${request.method}"${route}${ending},"durationMs":${rounded}`
}

function toTail({ operation, type, lookups, calls, usd, codes, way, traceId }: Summary): string {
  const trace = traceId === undefined ? '' : `,"traceId":"${traceId}"`
  const ends = codes.length === 0 ? '[]' : JSON.stringify(codes)
  return `,"operation":${JSON.stringify(operation)},"type":${JSON.stringify(type)},"lookups":${lookups},"calls":${calls},"usd":${usd},"codes":${ends},"way":"${way}"${trace}`
}
