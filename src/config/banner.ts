// The start: lines with the addresses, the upstream and a first query to paste, or the facts for one log line.
import type { Config } from './config.js'
import { toVersion } from './usage.js'

type SampleFile = {
  readonly id: string
  readonly filename: string
  readonly note: string
}

/** `proxy` is the proxy to the upstream, if any. */
export function toBanner(url: string, config: Config, samples: readonly SampleFile[], proxy?: URL): string[] {
  const { upstream, priceMicroUsd, playground, access } = config
  const head = [
    `GraphQL   ${url}`,
    ...(playground ? [`Explore   ${new URL('/', url)} (the playground)`] : []),
  ]
  if (upstream.kind !== 'sandbox') {
    const way = proxy ? ` through the proxy ${proxy.origin}` : ''
    const price = priceMicroUsd / 1e6
    return [
      ...head,
      `Upstream  ${upstream.kind} at ${upstream.baseUrl.origin}${way}; each call costs $${price}`,
    ]
  }
  return [
    ...head,
    'Upstream  the built-in sandbox: made-up files, free of charge. For real files set COMETAPI_KEY or MINIMAX_API_KEY.',
    'Files     the sandbox has these ids:',
    ...toTable(samples),
    'Errors    the ids 1 to 9, a MiniMax code (1002, 1004, 2013 …) or an HTTP status (429, 503 …) fail on purpose.',
    // A server that asks for a token would refuse this command, and the token must not be printed.
    ...(access ? [] : [`Try       ${toCurl(url, samples[0]?.id ?? '1')}`]),
  ]
}

/** The facts, for a log: no address of the upstream, and no secret. */
export function toFacts(url: string, config: Config, proxy?: URL) {
  const { access, upstream, priceMicroUsd, spendLimitMicroUsd } = config
  return {
    version: toVersion(),
    node: process.version,
    url,
    publicUrl: config.publicUrl?.href,
    upstream: upstream.kind,
    proxy: proxy !== undefined,
    pricePerCallUsd: priceMicroUsd / 1e6,
    spendLimitUsdPerDay: spendLimitMicroUsd === undefined ? undefined : spendLimitMicroUsd / 1e6,
    redis: config.redisUrl !== undefined,
    access: access ? { tokens: access.tokens.length + access.readTokens.length, jwt: !!access.jwt } : 'open',
    writes: config.writes,
    introspection: config.introspection,
    playground: config.playground,
  }
}

function toTable(samples: readonly SampleFile[]): string[] {
  const idWidth = Math.max(...samples.map(({ id }) => id.length))
  const nameWidth = Math.max(...samples.map(({ filename }) => filename.length))
  return samples.map(
    ({ id, filename, note }) => `  ${id.padEnd(idWidth)}  ${filename.padEnd(nameWidth)}  ${note}`,
  )
}

function toCurl(url: string, id: string): string {
  const query = `{ file(id: \\"${id}\\") { filename bytes downloadUrl } }`
  return `curl ${url} -H 'content-type: application/json' -d '{"query": "${query}"}'`
}
