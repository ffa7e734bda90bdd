// Frontends: the code that the documentation shows, in two clients, against the built server over HTTP.
import { CombinedGraphQLErrors } from '@apollo/client'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { lastValueFrom, takeWhile, toArray } from 'rxjs'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { onPush, pipe, takeWhile as takeWhileIn, toPromise } from 'wonka'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import { createApolloClient, options } from './clients/apollo.js'
import { Batch, Screen, toRetryMs, toText } from './clients/files.js'
import type { FileErrorCode } from './clients/generated/graphql.js'
import { createUrqlClient } from './clients/urql.js'
import { KEY } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { start } from './helpers/process.js'
import { startProxy } from './helpers/proxy.js'

const VOICE = '437774745600005'
const GONE = '335560631603474'

/** What a component gets to render, step by step. */
type Step<Data> = { readonly data: Data | undefined; readonly errors: readonly object[] }

/** Asks as a component does, until nothing more is to come. */
type Watch = <Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Step<Data>[]>

function watchByApollo(url: string): Watch {
  const client = createApolloClient(url)
  onTestFinished(() => client.stop())
  return async <Data, Variables extends Record<string, unknown>>(
    query: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ) => {
    const results = client.watchQuery({ query, variables, ...options })
    const all = await lastValueFrom(
      results.pipe(
        takeWhile(({ loading }) => loading, true),
        toArray(),
      ),
    )
    return all
      .filter(({ dataState }) => dataState === 'complete')
      .map(({ data, error }) => ({
        data: data as Data,
        errors: CombinedGraphQLErrors.is(error) ? error.errors : [],
      }))
  }
}

function watchByUrql(url: string): Watch {
  const client = createUrqlClient(url)
  return async <Data, Variables extends Record<string, unknown>>(
    query: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ) => {
    const steps: Step<Data>[] = []
    await pipe(
      client.query(query, variables),
      onPush(({ data, error }) => steps.push({ data, errors: error?.graphQLErrors ?? [] })),
      takeWhileIn(({ stale }) => stale, true),
      toPromise,
    )
    return steps
  }
}

/** Cuts pauses of a client's own to nothing, and writes down how long they were to be. */
function recordPauses(): number[] {
  const pausesMs: number[] = []
  const isPause = (ms: unknown): ms is number => ms === 1000 || ms === 7000
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const original = globalThis[name] as (...args: unknown[]) => unknown
    vi.stubGlobal(name, (callback: unknown, ms: unknown, ...args: unknown[]) => {
      if (isPause(ms)) pausesMs.push(ms)
      return original(callback, isPause(ms) ? 0 : ms, ...args)
    })
  }
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  return pausesMs
}

let nowMs = Date.now()

/** The server behind a proxy that counts. Without reuse, each look-up reaches the sandbox, and its faults. */
async function startServer(env: Readonly<Record<string, string>> = {}) {
  const server = start(undefined, { PORT: '0', CACHE_TTL_SECONDS: '0', ...env })
  const [, url = ''] = await server.waitFor(/GraphQL +(http:\S+)/)
  const proxy = await startProxy(url)
  const stop = () => {
    proxy.stop()
    server.child.kill('SIGKILL')
  }
  return { proxy, stop }
}

/** It asks a sandbox of the test's own. Its deadline is shorter than the pause that a rate limit asks for here. */
async function startServerAndSandbox() {
  const sandbox = await createSandbox({ now: () => nowMs })
  const env = { COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url, UPSTREAM_TIMEOUT_MS: '6000' }
  const { proxy, stop } = await startServer(env)
  const stopBoth = async () => {
    stop()
    await sandbox.close()
  }
  return { sandbox, proxy, stop: stopBoth }
}

let sandbox: Sandbox
let proxy: Awaited<ReturnType<typeof startProxy>>

beforeAll(async () => {
  const server = await startServerAndSandbox()
  ;({ sandbox, proxy } = server)
  return server.stop
})
beforeEach(() => {
  sandbox.clearFaults()
  proxy.exchanges.length = 0
})

describe.each([
  ['Apollo Client', watchByApollo],
  ['urql', watchByUrql],
])('%s', (_, createWatch) => {
  it('shows the files that are there beside the one that is gone, and why', async () => {
    const [{ data, errors } = never()] = await createWatch(proxy.url)(Screen, { video: VIDEO, voice: GONE })
    expect(data?.video).toMatchObject({ id: VIDEO, filename: 'output_aigc.mp4' })
    expect(data?.voice).toBeNull()
    const code: FileErrorCode = 'FILE_NOT_FOUND'
    expect(errors).toMatchObject([{ path: ['voice'], extensions: { code, retryable: false } }])
    expect(proxy.exchanges).toHaveLength(1)
  })

  it('shows a failure that stays after it has asked once more', async () => {
    const pausesMs = recordPauses()
    sandbox.fault({ name: 'status', status: 503, id: VOICE })
    const [{ errors } = never()] = await createWatch(proxy.url)(Screen, { video: VIDEO, voice: VOICE })
    const code: FileErrorCode = 'UPSTREAM_UNAVAILABLE'
    expect(errors).toMatchObject([{ path: ['voice'], extensions: { code, retryable: true } }])
    expect(pausesMs).toEqual([1000])
    expect(proxy.exchanges).toHaveLength(2)
  })

  it('waits as long as the server says', async () => {
    // A server of its own, since a rate limit holds for the whole account.
    const { sandbox, proxy, stop } = await startServerAndSandbox()
    onTestFinished(stop)
    const pausesMs = recordPauses()
    sandbox.fault({ name: 'status', status: 429, retryAfter: '7', id: VOICE })
    const [{ errors } = never()] = await createWatch(proxy.url)(Screen, { video: VIDEO, voice: VOICE })
    const code: FileErrorCode = 'UPSTREAM_RATE_LIMITED'
    expect(errors.at(-1)).toMatchObject({ extensions: { code, retryable: true, retryAfterSeconds: 7 } })
    expect(pausesMs).toEqual([7000])
    expect(proxy.exchanges).toHaveLength(2)
  })

  it('takes a batch as data, file or failure, in the order of its ids', async () => {
    const pausesMs = recordPauses()
    const ids = [VIDEO, GONE, '9007199254740993', 'x']
    const [{ data, errors } = never()] = await createWatch(proxy.url)(Batch, { ids })
    expect(errors).toEqual([])
    expect(data?.results.map(toText)).toEqual([
      'output_aigc.mp4',
      'This file is gone.',
      'beyond-2-53.txt',
      expect.stringContaining('file id'),
    ])
    expect(pausesMs).toEqual([])
  })

  it('asks for a batch once more where a failure in it may pass', async () => {
    // Of the embedded sandbox no failure is remembered, so that nobody has to wait for that to end.
    const embedded = await startServer()
    onTestFinished(embedded.stop)
    const pausesMs = recordPauses()
    // It fails twice, and the server asks twice, then succeeds.
    const [{ data } = never()] = await createWatch(embedded.proxy.url)(Batch, { ids: [VIDEO, '8'] })
    expect(data?.results.map(({ __typename }) => __typename)).toEqual(['File', 'File'])
    expect(pausesMs).toEqual([1000])
    expect(embedded.proxy.exchanges).toHaveLength(2)
  })

  it('shows a known screen at once, and then its links signed anew', async () => {
    const watch = createWatch(proxy.url)
    const variables = { video: VIDEO, voice: VOICE }
    const [{ data: old } = never()] = await watch(Screen, variables)
    nowMs += 3_600_000
    const [known = never(), renewed = never()] = await watch(Screen, variables)
    expect(known.data).toEqual(old)
    expect(renewed.data?.video?.filename).toBe('output_aigc.mp4')
    expect(renewed.data?.video?.downloadUrl).not.toBe(old?.video?.downloadUrl)
    expect((await fetch(renewed.data?.video?.downloadUrl ?? '')).status).toBe(200)
  })
})

it.each([
  ['a failure that stays', 'query', { retryable: false, retryAfterSeconds: null }, undefined],
  ['one that may pass', 'query', { retryable: true, retryAfterSeconds: null }, 1000],
  ['one that passes in seconds', 'query', { retryable: true, retryAfterSeconds: 10 }, 10_000],
  ['one that nobody waits for', 'query', { retryable: true, retryAfterSeconds: 11 }, undefined],
  ['one of a mutation', 'mutation', { retryable: true, retryAfterSeconds: null }, undefined],
])('decides by the failure alone whether to ask again: %s', (_, kind, failure, expected) => {
  const file = { __typename: 'File', id: VIDEO }
  expect(toRetryMs(kind, { video: file, voice: null }, [{ extensions: failure }])).toBe(expected)
  expect(toRetryMs(kind, { results: [file, { __typename: 'FileError', ...failure }] })).toBe(expected)
})

it('has the compiler find a misspelt code', () => {
  const failure = {
    __typename: 'FileError',
    message: 'Gone.',
    retryable: false,
    retryAfterSeconds: null,
  } as const
  // @ts-expect-error There is no such code.
  expect(toText({ ...failure, code: 'FILE_NOT_FUOND' })).toBe('Gone.')
})

it('gives every component of Apollo Client the newest link of a file', async () => {
  const client = createApolloClient(proxy.url)
  const links: (string | null | undefined)[] = []
  const screen = client.watchQuery({ query: Screen, variables: { video: VIDEO, voice: VOICE }, ...options })
  const subscription = screen.subscribe(({ data }) => links.push(data?.video?.downloadUrl))
  onTestFinished(() => {
    subscription.unsubscribe()
    client.stop()
  })
  await expect.poll(() => links.at(-1)).toMatch(/^http/)
  const old = links.at(-1)
  nowMs += 3_600_000
  const { data } = await client.query({
    query: Batch,
    variables: { ids: [VIDEO] },
    fetchPolicy: 'network-only',
  })
  const [renewed] = data?.results.map((file) => ('id' in file ? file.downloadUrl : null)) ?? []
  expect(renewed).not.toBe(old)
  await expect.poll(() => links.at(-1)).toBe(renewed)
})

function never(): never {
  throw new Error('The client showed fewer steps than expected.')
}
