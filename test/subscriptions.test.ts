// Subscriptions over server-sent events: what comes, what is refused, and how each stream ends.
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'graphql-sse'
import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { Files } from '../src/file.js'
import type { Limits } from '../src/http/limits.js'
import { followVideo } from './clients/follow.js'
import { startApp, TOKENS } from './helpers/app.js'
import { subscribe } from './helpers/events.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'
import { startServer } from './helpers/server.js'
import { CALL_MICRO_USD, createFile } from './helpers/source.js'
import { FILE, POLL_MS, SUCCESS, startTasks, TASK, toReport } from './helpers/tasks.js'

const QUERY = `subscription Follow($id: ID!) { videoTask(id: $id) { status fileId file { id } failure { code } } }`
const BODY = { query: QUERY, variables: { id: TASK } }
const FOLLOWING = { status: 'PROCESSING', fileId: null, file: null, failure: null }

const find: Files['find'] = async (id, { meter }) => {
  meter.sent(CALL_MICRO_USD)
  return { file: createFile(id), freshUntilMs: Number.POSITIVE_INFINITY }
}

/** A server whose tasks go on as the test says. */
async function start(limits: Partial<Limits> = {}) {
  const following = startTasks()
  const lines: string[] = []
  const server = await startServer(find, limits, { tasks: following.tasks, log: (line) => lines.push(line) })
  const url = `${server.url}/graphql`
  const line = async () => {
    while (lines.length === 0) await delay(5)
    return JSON.parse(lines[0] ?? '')
  }
  return { ...following, ...server, url, line, open: (headers = {}) => subscribe(url, BODY, headers) }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(5)
}

describe('a subscription', () => {
  it('shows the present state, each change, and the end, with what it has cost so far', async () => {
    const { open, time, upstream, line } = await start()
    const { response, stream, next } = await open({ 'x-request-id': 'mine' })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'mine',
    })
    expect(await next()).toEqual({
      name: 'next',
      data: { data: { videoTask: FOLLOWING }, extensions: { cost: { calls: 1, usd: 0 } } },
    })
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    const done = { status: 'SUCCEEDED', fileId: FILE, file: { id: FILE }, failure: null }
    expect(await next()).toEqual({
      name: 'next',
      data: { data: { videoTask: done }, extensions: { cost: { calls: 4, usd: 0.008 } } },
    })
    expect(await next()).toEqual({ name: 'complete', data: null })
    expect(await next()).toBeUndefined()
    expect(stream.text).toMatch(/^:\n\nevent: next\n/)
    expect(await line()).toMatchObject({
      ...{ requestId: 'mine', status: 200, operation: 'Follow', type: 'subscription', way: 'events' },
      ...{ lookups: 2, calls: 4, usd: 0.008, codes: [], msg: 'answered' },
    })
  })

  it('is understood by the client of graphql-sse', async () => {
    const { url, time, upstream } = await start()
    const client = createClient({ url, retryAttempts: 0 })
    const results = client.iterate<{ videoTask: { status: string } }>({
      query: QUERY,
      variables: { id: TASK },
    })
    expect((await results.next()).value).toMatchObject({ data: { videoTask: { status: 'PROCESSING' } } })
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    expect((await results.next()).value).toMatchObject({ data: { videoTask: { status: 'SUCCEEDED' } } })
    expect((await results.next()).done).toBe(true)
  })

  it('is followed to its end by the code of the documentation, over streams that end before', async () => {
    const { url, time, upstream } = await start({ streamLifeMs: 30 })
    const told: string[] = []
    const following = (async () => {
      for await (const { status } of followVideo(url, TASK)) told.push(status)
    })()
    await until(() => told.length > 2)
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    await following
    expect([told.at(0), told.at(-1)]).toEqual(['PROCESSING', 'SUCCEEDED'])
    await expect(followVideo(url, 'x').next()).rejects.toThrow('A task id')
  })

  it('goes on where it was when it is asked for again', async () => {
    const { open, time, upstream } = await start()
    const first = await open()
    await first.next()
    first.leave()
    await until(() => time.timers === 0)
    const second = await open()
    expect((await second.next())?.data.data.videoTask).toEqual(FOLLOWING)
    expect(upstream.queries).toHaveLength(1)
  })

  it('follows speeches as well, under a name of its own', async () => {
    const { url } = await start()
    const query = `subscription { mine: speechTask(id: "${TASK}") { __typename id status } }`
    const { next } = await subscribe(url, { query })
    expect((await next())?.data.data).toEqual({
      mine: { __typename: 'SpeechTask', id: TASK, status: 'PROCESSING' },
    })
  })

  it('ends with the failure that ends it, told as that of any field', async () => {
    const { open, time, upstream, line } = await start()
    const { next, rest } = await open({ 'x-request-id': 'mine' })
    await next()
    upstream.next = () => new FileError('UPSTREAM_UNAUTHENTICATED')
    await time.pass(2 * POLL_MS)
    const [failed, complete] = await rest()
    expect(failed?.data).toMatchObject({
      data: null,
      errors: [
        {
          path: ['videoTask'],
          extensions: { code: 'UPSTREAM_UNAUTHENTICATED', retryable: false, requestId: 'mine' },
        },
      ],
      extensions: { cost: { calls: 2 } },
    })
    expect(complete).toEqual({ name: 'complete', data: null })
    expect(await line()).toMatchObject({ codes: ['UPSTREAM_UNAUTHENTICATED'] })
  })

  it.each([
    ['a wrong id', 'x', new FileError('UPSTREAM_UNAVAILABLE'), 'INVALID_TASK_ID'],
    ['an unknown task', TASK, new FileError('TASK_NOT_FOUND'), 'TASK_NOT_FOUND'],
    ['a fault of ours', TASK, new TypeError('sk-SENTINEL'), 'INTERNAL_SERVER_ERROR'],
  ])('says what is wrong with %s in one event', async (_, id, failure, code) => {
    const { url, upstream } = await start()
    upstream.next = () => (failure instanceof FileError ? failure : Promise.reject(failure))
    const { response, stream, rest } = await subscribe(url, { query: QUERY, variables: { id } })
    const events = await rest()
    expect(response.status).toBe(200)
    expect(events.map(({ name }) => name)).toEqual(['next', 'complete'])
    expect(events[0]?.data.errors).toMatchObject([{ path: ['videoTask'], extensions: { code } }])
    expect(stream.text).not.toContain('SENTINEL')
  })

  it('shows a task that failed, and why, as its last state', async () => {
    const { open, upstream } = await start()
    const failure = new FileError('UPSTREAM_CONTENT_REJECTED')
    upstream.next = () => toReport({ status: 'FAILED', statusName: 'Fail', failure })
    const [failed, complete] = await (await open()).rest()
    expect(failed?.data.data.videoTask).toMatchObject({
      status: 'FAILED',
      failure: { code: 'UPSTREAM_CONTENT_REJECTED' },
    })
    expect(complete?.name).toBe('complete')
  })

  it('can be persisted like any other operation', async () => {
    const { url, upstream } = await start()
    upstream.next = () => SUCCESS
    const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(QUERY).digest('hex') }
    const short = { variables: { id: TASK }, extensions: { persistedQuery } }
    const unknown = await subscribe(url, short)
    expect([unknown.response.status, await unknown.response.clone().json()]).toMatchObject([
      200,
      { errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
    ])
    await (await subscribe(url, { ...short, query: QUERY })).rest()
    expect(await (await subscribe(url, short)).rest()).toHaveLength(2)
  })

  it('is open to the pages that may ask, and readable by them', async () => {
    const { app } = await startApp({ CORS_ORIGINS: 'https://page.example' })
    const { response } = await subscribe(app.url, BODY, { origin: 'https://page.example' })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://page.example')
    const other = await subscribe(app.url, BODY, { origin: 'https://other.example' })
    expect(other.response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a stream', () => {
  it('has heartbeats', async () => {
    const { open } = await start({ heartbeatMs: 5 })
    const { next, stream } = await open()
    await next()
    next().catch(() => {}) // it has no end
    await until(() => stream.comments > 5)
  })

  it('is one of so many; more are refused, while queries go on', async () => {
    const { open, query, time } = await start({ streams: 2, operations: 1 })
    const streams = [await open(), await open()]
    for (const { next } of streams) await next()
    const { response } = await open()
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 } }],
      extensions: { cost: { calls: 0 } },
    })
    expect((await query('{ __typename }')).data).toEqual({ __typename: 'Query' })
    streams[0]?.leave()
    streams[1]?.leave()
    await until(() => time.timers === 0)
    expect((await open()).response.status).toBe(200)
    expect((await open()).response.status).toBe(200)
  })

  it('gives its place back where what asked for it was refused', async () => {
    const { url, open } = await start({ streams: 1 })
    const wrong = { query: QUERY, variables: {} }
    for (let i = 0; i < 3; i++) expect((await subscribe(url, wrong)).response.status).toBe(400)
    expect((await open()).response.status).toBe(200)
  })

  it('ends when it is old, with the word that it can be asked for again', async () => {
    const { open, time } = await start({ streamLifeMs: 2000 })
    const [first, over, complete] = await (await open()).rest()
    expect(first?.data.data.videoTask).toEqual(FOLLOWING)
    expect(over?.data.errors).toMatchObject([
      { extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 } },
    ])
    expect(over?.data.extensions.cost).toEqual({ calls: 1, usd: 0 })
    expect([complete?.name, time.timers]).toEqual(['complete', 0])
  })

  it('ends when the server stops, which takes no more of them', async () => {
    const { open, close } = await start({ drainLeadMs: 1500 })
    const { next, rest } = await open()
    await next()
    const closed = close(10_000)
    const [over, complete] = await rest()
    expect(over?.data.errors[0].extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(complete?.name).toBe('complete')
    expect((await open()).response.status).toBe(503)
    await closed
  })

  it('ends with its JWT', async () => {
    const key = await createKey('k')
    const issuer = await startIssuer(key)
    const { app, sandbox } = await startApp({ ...issuer.env, TASK_POLL_SECONDS: '60' })
    const created = await fetch(`${sandbox.url}/v1/video_generation`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ model: 'MiniMax-Hailuo-02', prompt: 'stuck' }),
    })
    const { task_id: id } = (await created.json()) as { task_id: string }
    const authorization = `Bearer ${await sign(key, { exp: Date.now() / 1000 + 5 })}`
    const { rest } = await subscribe(app.url, { query: QUERY, variables: { id } }, { authorization })
    const events = await rest()
    expect(events.map(({ name }) => name)).toEqual(['next', 'next', 'complete'])
    expect(events[1]?.data.errors[0].extensions).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('is given up with the client that leaves', async () => {
    const { open, time, line } = await start()
    const { next, leave } = await open()
    await next()
    leave()
    expect(await line()).toMatchObject({ msg: 'the client left', type: 'subscription', calls: 1 })
    expect(time.timers).toBe(0)
  })

  it('is given up with a client that takes nothing of it', async () => {
    const { url, time, upstream } = await start({ heartbeatMs: 20 })
    upstream.next = () => toReport({ statusName: `${upstream.queries.length}${'x'.repeat(2 ** 20)}` })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const body = JSON.stringify({
      query: `subscription { videoTask(id: "${TASK}") { ${Array.from({ length: 8 }, (_, at) => `a${at}: statusName`).join(' ')} } }`,
    })
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => upstream.queries.length === 1)
    while (time.timers > 0) {
      await time.pass(2 * POLL_MS)
      await delay(5)
    }
    socket.destroy()
  })
})

describe('a client', () => {
  const SUBSCRIPTION = `subscription { videoTask(id: "${TASK}") { status } }`

  it.each([
    ['text/event-stream', SUBSCRIPTION, 200, 'text/event-stream'],
    ['TEXT/Event-Stream;charset=utf-8', SUBSCRIPTION, 200, 'text/event-stream'],
    ['multipart/mixed;subscriptionSpec="1.0", text/event-stream', SUBSCRIPTION, 200, 'text/event-stream'],
    ['application/json, text/event-stream;q=0.1', SUBSCRIPTION, 200, 'text/event-stream'],
    ['application/json, text/event-stream;q=0', SUBSCRIPTION, 200, 'application/json'],
    ['application/graphql-response+json', SUBSCRIPTION, 400, 'application/graphql-response+json'],
    ['*/*', SUBSCRIPTION, 200, 'application/json'],
    ['text/event-streams, */*', SUBSCRIPTION, 200, 'application/json'],
    ['text/event-stream, application/json', '{ __typename }', 200, 'application/json'],
    ['text/event-stream, */*', '{ __typename }', 200, 'application/json'],
    ['text/event-stream', '{ __typename }', 406, 'application/graphql-response+json'],
  ])('that takes %s and asks for %s is answered %i, as %s', async (accept, query, status, type) => {
    const { url } = await start()
    const { response } = await subscribe(url, { query }, { accept })
    expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([status, type])
  })

  const bomb = `{ ${'_service { '.repeat(12)} sdl ${'}'.repeat(12)} }`
  const aliases = `subscription { videoTask(id: "1") { ${Array.from({ length: 40 }, (_, at) => `a${at}: id`).join(' ')} } }`
  const tokens = `subscription { videoTask(id: "1") { ${'id '.repeat(1100)} } }`

  it.each<[string, { query?: string; [member: string]: unknown }, number]>([
    ['introspection that is off', { query: '{ __schema { types { name } } }' }, 400],
    [
      'introspection in a subscription',
      { query: 'subscription { videoTask(id: "1") { __schema { types { name } } } }' },
      400,
    ],
    ['a document that is too deep', { query: bomb }, 400],
    ['too many aliases', { query: aliases }, 400],
    ['too many tokens', { query: tokens }, 400],
    [
      'two fields in a subscription',
      { query: 'subscription { a: videoTask(id: "1") { id } b: videoTask(id: "2") { id } }' },
      400,
    ],
    [
      'a field that may be skipped',
      { query: 'subscription { videoTask(id: "1") @skip(if: true) { id } }' },
      400,
    ],
    [
      'a field that a variable may skip',
      {
        query: 'subscription Q($b: Boolean!) { videoTask(id: "1") @skip(if: $b) { id } }',
        variables: { b: false },
      },
      400,
    ],
    [
      'a field with a condition that is none',
      { query: 'subscription { videoTask(id: "1") @include { id } }' },
      400,
    ],
    [
      'a query beside a subscription with a condition',
      {
        query: `query A { __typename }
          subscription B($b: Boolean!) { videoTask(id: "1") @include(if: $b) { id } }`,
        operationName: 'B',
      },
      400,
    ],
    [
      'a field that may be left out with its fragment',
      {
        query: `subscription { ... { ...F @include(if: false) } }
          fragment F on Subscription { ... on Subscription { videoTask(id: "1") { id } } }`,
      },
      400,
    ],
    ['fragments in a circle', { query: 'subscription { ...F } fragment F on Subscription { ...F }' }, 400],
    ['no GraphQL', { query: '{' }, 400],
    ['no query', {}, 400],
    ['a field that there is not', { query: 'subscription { task(id: "1") { id } }' }, 400],
    ['an operation that there is not', { query: SUBSCRIPTION, operationName: 'Other' }, 400],
  ])('that asks for %s by events is told what it would be told without', async (_, body, status) => {
    const { app } = await startApp({ INTROSPECTION: 'off' })
    const ways = ['text/event-stream', 'application/graphql-response+json'].map(async (accept) => {
      const { response } = await subscribe(app.url, body, { accept, 'x-request-id': 'same' })
      return { status: response.status, text: await response.text() }
    })
    const [events, json] = await Promise.all(ways)
    expect(events).toEqual(json)
    expect(events?.status).toBe(status)
  })

  it.each([
    ['that is missing', {}, 'Variable "$id" of required type "ID!" was not provided.'],
    ['that does not fit', { id: {} }, 'Variable "$id" got an invalid value: it takes ID!.'],
  ])('is told of a variable %s', async (_, variables, message) => {
    const { url, upstream } = await start()
    const { response } = await subscribe(url, { query: QUERY, variables })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }],
    })
    expect(upstream.queries).toHaveLength(0)
  })

  it.each([
    ['a query', 'POST', '{ file(id: "437030092800001") { id } }', {}, 406],
    ['a mutation', 'POST', 'mutation { deleteFile(id: "437030092800001") { __typename } }', {}, 406],
    ['a subscription without a token', 'POST', SUBSCRIPTION, { authorization: '' }, 401],
    ['a subscription with a wrong token', 'POST', SUBSCRIPTION, { authorization: 'Bearer no' }, 401],
    ['a subscription as a form', 'POST', SUBSCRIPTION, { 'content-type': 'text/plain' }, 415],
    ['a stream to be reserved', 'PUT', '', {}, 405],
    ['a stream to be ended', 'DELETE', '', {}, 405],
    ['too large a body', 'POST', `${SUBSCRIPTION}#${'x'.repeat(2 ** 17)}`, {}, 413],
  ])('that asks for %s is refused, at no cost', async (_, method, query, headers, status) => {
    const { send, sandbox } = await startApp({ ACCESS_TOKENS: TOKENS.join() })
    const response = await send('/graphql', {
      method,
      headers: {
        authorization: `Bearer ${TOKENS[0]}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'x-graphql-event-stream-token': 'mine',
        ...headers,
      },
      ...(method !== 'DELETE' && { body: JSON.stringify({ query }) }),
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('json')
    expect(await response.json()).toMatchObject({ errors: [{}], extensions: { cost: { calls: 0 } } })
    expect(sandbox.requests).toHaveLength(0)
  })

  it.each([
    ['without a preflight', {}, 400],
    ['with one', { 'apollo-require-preflight': 'yes' }, 406],
  ])('that asks by GET %s is refused', async (_, headers, status) => {
    const { send, sandbox } = await startApp()
    const path = `/graphql?query=${encodeURIComponent(SUBSCRIPTION)}`
    const response = await send(path, { headers: { accept: 'text/event-stream', ...headers } })
    expect(response.status).toBe(status)
    const plain = await send(path, { headers: { 'apollo-require-preflight': 'yes' } })
    expect(plain.status).toBe(405)
    expect(sandbox.requests).toHaveLength(0)
  })
})
