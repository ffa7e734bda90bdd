// The whole server over real sockets, against a sandbox of the test's own. Whatever it logs or sends is searched for
// secrets when the test ends.
import { expect, onTestFinished } from 'vitest'
import { createApp } from '../../src/app.js'
import { readConfig } from '../../src/config/config.js'
import { createLog } from '../../src/log.js'
import { createSandbox, type Options } from '../../src/sandbox/sandbox.js'

/** The API key of every test. It must come out nowhere but in the `Authorization` header sent upstream. */
export const KEY = 'sk-SENTINEL-0123456789abcdef'

/** The access tokens of the tests that need some. */
export const TOKENS = ['token-SENTINEL-old', 'token-SENTINEL-new'] as const

export type GraphQLAnswer = {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its query asked for
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly errors?: any[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly extensions: any
}

/** Starts a server on a free port; `env` overrides its configuration. Both are closed when the test ends. */
export async function startApp(
  env: Readonly<Record<string, string | undefined>> = {},
  options: Options = {},
) {
  const sandbox = await createSandbox(options)
  const logs: string[] = []
  const answers: string[] = []
  const log = createLog('trace', { write: (line) => logs.push(line) })
  // A small cache, since room for a hundred thousand answers is taken at once, by each of a thousand servers.
  // And more time than in force, since a machine that is busy elsewhere may need it.
  const base = {
    PORT: '0',
    COMETAPI_KEY: KEY,
    UPSTREAM_URL: sandbox.url,
    UPSTREAM_TIMEOUT_MS: '30000',
    CACHE_MAX_ENTRIES: '1000',
  }
  const config = readConfig({ ...base, ...env })
  const app = await createApp(config, log)
  const origin = new URL(app.url).origin

  /** Any HTTP request to the server. */
  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${origin}${path}`, init)
    answers.push(...[...response.headers].map(([name, value]) => `${name}: ${value}`))
    answers.push(withoutLinks(await response.clone().text()))
    return response
  }

  /** One GraphQL operation by POST. */
  async function query(text: string, variables?: unknown, init: RequestInit = {}): Promise<GraphQLAnswer> {
    return post(JSON.stringify({ query: text, variables }), init)
  }

  /** One GraphQL operation whose body is given as it goes over the wire. */
  async function post(body: string, init: RequestInit = {}): Promise<GraphQLAnswer> {
    const headers = { 'content-type': 'application/json', ...init.headers }
    const response = await send('/graphql', { method: 'POST', ...init, headers, body })
    return {
      status: response.status,
      headers: response.headers,
      ...((await response.json()) as Pick<GraphQLAnswer, 'data' | 'errors' | 'extensions'>),
    }
  }

  onTestFinished(async () => {
    await app.stop(0)
    await sandbox.close()
    expectNoSecrets([...logs, ...answers].join('\n'), sandbox.url)
    expect(answers.join('\n')).not.toMatch(/\\n\s+at /)
  })
  return { app, origin, sandbox, send, query, post, logs }
}

/** Cuts out the fields where a link belongs. */
function withoutLinks(body: string): string {
  return body.replace(/"(backup)?downloadUrl":"[^"]*"/gi, '')
}

/** No key, no token, no JWT, no signature, no address of the upstream. */
function expectNoSecrets(output: string, upstreamUrl: string): void {
  expect(output).not.toMatch(/SENTINEL/i)
  expect(output).not.toMatch(/eyJ[\w-]+\.eyJ/)
  expect(output).not.toContain(new URL(upstreamUrl).host)
  expect(output).not.toMatch(/signature=/i)
}
