// What is asked of the upstream: every operation, behind the guard; and the links that lead away from it.
import { randomUUID } from 'node:crypto'
import type { BytesSource } from '../bytes.js'
import type { Spend } from '../cache/spend.js'
import { createClient } from '../client/client.js'
import { createContentSource } from '../client/content-source.js'
import { createGuard, type Guard } from '../client/guard.js'
import { allowsHttp } from '../client/link.js'
import { createLinkSource } from '../client/link-source.js'
import { createPace } from '../client/pace.js'
import { toHeaders } from '../client/request.js'
import { createUploadSource } from '../client/upload.js'
import { after, clock } from '../clock.js'
import type { Config } from '../config/config.js'
import type { Notice } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import { findNameMagic } from '../sandbox/files/magic-names.js'
import type { Tracing } from '../spans.js'
import type { UploadSource } from '../upload.js'
import { createFence } from '../wire/fence.js'
import { chooseProxy, createProxyConnector } from '../wire/proxy.js'
import { createRetryBudget } from '../wire/retry.js'
import { createTransfers } from '../wire/transfers.js'
import { createWire } from '../wire/wire.js'
import type { Account } from './account.js'

export type UpstreamDependencies = {
  readonly tracing: Tracing
  readonly notice: Notice
  readonly spend: Spend | undefined
  readonly record: Metrics['countCall']
}

export type Upstream = {
  readonly guard: Guard
  readonly upload: UploadSource
  readonly links: BytesSource<string>
  /** The way to the upstream, if there is one. */
  readonly proxy: URL | undefined
  /** Ends transfers at once, and waits so long for what was sent. */
  close(graceMs: number): Promise<void>
}

export function createUpstream(
  config: Config,
  account: Account,
  { tracing, notice, spend, record }: UpstreamDependencies,
): Upstream {
  const isSandbox = config.upstream.kind === 'sandbox'
  // A request that got no answer may have been billed all the same: the deadline has room for two, not for three.
  const attemptTimeoutMs = Math.ceil(config.upstreamTimeoutMs / 2)
  const proxy = isSandbox ? undefined : findProxy(config, account.baseUrl)
  const idleMs = config.transferIdleMs
  const wire = tracing.wire(
    createWire(account.baseUrl, {
      attemptTimeoutMs,
      headers: toHeaders(account.key),
      ...(proxy && { connect: createProxyConnector(proxy) }),
    }),
    account.baseUrl,
  )
  const transfers = tracing.transfers(
    createTransfers({
      idleMs,
      connect: proxy ? createProxyConnector(proxy) : { timeout: attemptTimeoutMs },
    }),
    account.baseUrl,
  )
  const linked = createTransfers({ idleMs, connect: createLinkFence(config, account) })
  const budget = createRetryBudget()
  /** Each kind of request has a pace of its own, since some take longer than others. */
  const withPace = () => ({
    spend,
    priceMicroUsd: config.priceMicroUsd,
    clock,
    budget,
    notice,
    record,
    random: Math.random,
    after,
    pace: createPace(attemptTimeoutMs),
  })
  const guard = createGuard(
    {
      ...createClient({ ...withPace(), wire }, account),
      content: createContentSource({ ...withPace(), transfers }, account),
    },
    clock,
    { isExempt: isSandbox ? failsOnRequest : () => false, exemptsCreations: isSandbox },
  )
  const send = createUploadSource(
    { ...withPace(), transfers, toBoundary: () => `file-${randomUUID()}` },
    account,
  )
  const isExemptName = (filename: string) => isSandbox && findNameMagic(filename) !== undefined
  return {
    guard,
    upload: (upload, ...rest) => guard.upload(isExemptName(upload.filename), () => send(upload, ...rest)),
    links: createLinkSource({ transfers: linked, notice }),
    proxy,
    close: async (graceMs) => {
      const endMs = clock.monotonicMs() + graceMs
      await Promise.all([linked.close(), transfers.close()])
      // What was sent may be paid for: its answer is worth waiting for, though nobody is there to take it.
      await wire.close(Math.max(0, endMs - clock.monotonicMs()))
    },
  }
}

/** What links may lead to. Those of the embedded sandbox lead here, and never through a proxy. */
function createLinkFence(config: Config, { baseUrl }: Account) {
  return createFence({
    allowLoopback: allowsHttp(baseUrl),
    connectTimeoutMs: Math.ceil(config.upstreamTimeoutMs / 2),
    ...(config.upstream.kind !== 'sandbox' && { findProxy: (link: URL) => findProxy(config, link) }),
  })
}

/** The proxy on the way to an address, if there is one. */
export function findProxy({ proxies }: Config, target: URL): URL | undefined {
  const { https, http, except } = proxies
  return chooseProxy(target, { https: https?.reveal(), http: http?.reveal(), except })
}

/** The sandbox's ids that fail on request: they can be tried at will, and one that is tried spoils nothing. */
function failsOnRequest(id: string): boolean {
  return id.length <= 5
}
