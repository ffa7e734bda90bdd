// One log line per request: what was asked by name and number and how it ended, never with what. There is one for each
// of tens of thousands in a second, so it is put together by hand.
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

/** Writes the line of a request that has ended. */
export function createRequestLog(log: Log): (visit: Visit) => void {
  if (!log.isLevelEnabled('info')) return () => {}
  const isOn = { debug: log.isLevelEnabled('debug'), info: true, none: false }

  return (visit) => {
    const { url, config } = visit.request.routeOptions
    const level = config?.logged ?? 'info'
    if (level === 'none' || !isOn[level]) return
    const head = toHead(visit, url)
    const message = visit.reply.raw.writableFinished ? 'answered' : 'the client left'
    const write = (summary: Summary | undefined) =>
      log.print(level, `${head}${summary ? toTail(summary) : ''},"msg":"${message}"`)
    if (visit.summary !== undefined || visit.operation === undefined) write(visit.summary)
    // What the client did not wait for. An operation that failed as a whole has had its line, with the fault.
    else
      visit.operation
        .then(
          ({ summary }) => summary,
          () => undefined,
        )
        .then(write)
  }
}

/** What stands between quotes as it is can hold nothing that JSON would have to escape: see `createIds`. */
function toHead({ requestId, request, reply, startMs }: Visit, url: string | undefined): string {
  const route = url === undefined ? '' : `,"route":${JSON.stringify(url)}`
  const status = reply.raw.writableFinished ? `,"status":${reply.raw.statusCode}` : ''
  const durationMs = Math.round(performance.now() - startMs)
  return `"requestId":"${requestId}","method":"${request.method}"${route}${status},"durationMs":${durationMs}`
}

function toTail({ operation, type, lookups, calls, usd, codes, way, traceId }: Summary): string {
  const trace = traceId === undefined ? '' : `,"traceId":"${traceId}"`
  const ends = codes.length === 0 ? '[]' : JSON.stringify(codes)
  return `,"operation":${JSON.stringify(operation)},"type":${JSON.stringify(type)},"lookups":${lookups},"calls":${calls},"usd":${usd},"codes":${ends},"way":"${way}"${trace}`
}
