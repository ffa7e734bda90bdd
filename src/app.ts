// The composition root. Read it from bottom to top: the operations of the upstream, what processes share, what is known of
// files and tasks, and who is answered. Only this file and those in app/ see more than their neighbours.
import { toAccount } from './app/account.js'
import { createKnowledge } from './app/files.js'
import { createFront, type Front } from './app/front.js'
import { createSharing, type Sharing } from './app/sharing.js'
import { createUpstream, type Upstream } from './app/upstream.js'
import { clock } from './clock.js'
import { toBanner, toFacts } from './config/banner.js'
import type { Config } from './config/config.js'
import { isLoopback } from './config/kinds.js'
import { toVersion } from './config/usage.js'
import { createNotice, type Log } from './log.js'
import { createMetrics } from './metrics/metrics.js'
import { createSandbox, type Sandbox } from './sandbox/sandbox.js'
import { createTracing } from './trace.js'

export type App = {
  /** Where GraphQL is served. */
  readonly url: string
  /** What to tell whoever watches it start, line by line. */
  readonly banner: readonly string[]
  /** Takes note of a fault that nobody caught. */
  report(fault: unknown): void
  /** Lets what is in flight finish for so long, aborts the rest, and closes everything. */
  stop(graceMs: number): Promise<void>
}

type Parts = {
  readonly front: Front
  readonly upstream: Upstream
  readonly sharing: Sharing
  readonly sandbox: Sandbox | undefined
}

/** Builds and starts everything that the configuration asks for. Rejects if it cannot listen there. */
export async function createApp(config: Config, log: Log): Promise<App> {
  const parts = await createParts(config, log)
  const { front, upstream, sharing, sandbox } = parts
  await sharing.redis?.tried // so that the first requests do not find it missing only because they came first
  const port = await front.server.listen(config.host, config.port).catch(async (error: unknown) => {
    await close(parts, 0)
    throw error
  })
  const url = toUrl(config.host, port)
  if (isLoopback(config.host)) front.publish(new URL(new URL(url).origin))
  if (config.production) log.info(toFacts(url, config, upstream.proxy), 'serving')
  return {
    url,
    banner: config.production ? [] : toBanner(url, config, sandbox?.files ?? [], upstream.proxy),
    report: (fault) =>
      log.fatal({ err: fault }, 'uncaught fault: finishing requests in flight, then exiting with 1'),
    stop: (graceMs) => {
      log.info({ graceMs }, 'stopping: finishing requests in flight')
      return close(parts, graceMs)
    },
  }
}

async function createParts(config: Config, log: Log): Promise<Parts> {
  const sandbox = config.upstream.kind === 'sandbox' ? await createSandbox() : undefined
  const account = toAccount(config.upstream, sandbox)
  const metrics = createMetrics({ ...config, version: toVersion() })
  const tracing = await createTracing()
  const notice = createNotice(log, clock.monotonicMs, tracing.toTrace)
  const sharing = createSharing(config, account, { log, notice })
  const { spend } = sharing
  const upstream = createUpstream(config, account, { tracing, notice, spend, record: metrics.countCall })
  const knowledge = createKnowledge(config, { upstream, sharing, tracing, count: metrics.countLookup })
  const shown = { metrics, tracing, log, notice, samples: sandbox?.files ?? [] }
  const front = await createFront(config, { account, upstream, sharing, knowledge, ...shown })
  return { front, upstream, sharing, sandbox }
}

async function close({ front, upstream, sharing, sandbox }: Parts, graceMs: number): Promise<void> {
  const endMs = clock.monotonicMs() + graceMs
  await front.server.close(graceMs)
  await front.graphql.stop()
  await upstream.close(Math.max(0, endMs - clock.monotonicMs()))
  await sharing.spend?.close()
  await sharing.redis?.close()
  await sandbox?.close()
}

function toUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/graphql`
}
