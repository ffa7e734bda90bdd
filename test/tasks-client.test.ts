// What the client makes of a task's query, over real sockets: how it asks, what each answer means, what it costs.
import { describe, expect, it } from 'vitest'
import { createGuard } from '../src/client/guard.js'
import { FileError } from '../src/errors.js'
import type { TaskId, TaskKind, TaskReport } from '../src/task.js'
import { startClient } from './helpers/faults.js'
import { createFakeClock, createLookup } from './helpers/source.js'
import { startUpstream, toBase } from './helpers/upstream.js'

const ID = '9007199254740993' as TaskId

/** One query of an upstream that answers so: the report, or the failure's code and what else it tells. */
async function query(body: string, kind: TaskKind = 'video') {
  const { url, requests } = await startUpstream(() => body)
  const { client, records, notices } = startClient(url)
  const lookup = createLookup({ deadlineMs: performance.now() + 20_000 })
  const outcome = await client.query(kind, ID, lookup).then(
    (report: TaskReport) => ({ report, error: undefined }),
    (error: FileError) => ({ report: undefined, error }),
  )
  return { ...outcome, requests, records, notices, lookup }
}

const say = (members: string, code = 0) => `{${members}${members && ','}${toBase(code)}}`

describe('a query', () => {
  it('goes by the pipeline, is a call, and costs nothing', async () => {
    const video = await query(say('"status":"Processing"'))
    expect(video.requests.map(({ target }) => target)).toEqual([`/v1/query/video_generation?task_id=${ID}`])
    expect(video.records).toEqual(['OK'])
    expect([video.lookup.sent, video.lookup.microUsd]).toEqual([1, 0])
    const speech = await query(say('"status":"processing"'), 'speech')
    expect(speech.requests[0]?.target).toBe(`/v1/query/t2a_async_query_v2?task_id=${ID}`)
  })

  it('reads ids as texts and as numbers, exactly', async () => {
    const asText = await query(
      say(
        `"task_id":"${ID}","status":"Success","file_id":"9007199254740995","video_width":1366,"video_height":768`,
      ),
    )
    expect(asText.report).toEqual({
      status: 'SUCCEEDED',
      statusName: 'Success',
      fileId: '9007199254740995',
      failure: null,
      width: 1366,
      height: 768,
    })
    const asNumber = await query(
      say(`"task_id":${ID},"status":"Success","file_id":9007199254740995`),
      'speech',
    )
    expect(asNumber.report).toMatchObject({ fileId: '9007199254740995', width: null, height: null })
  })

  it.each([
    ['""', '0', '0'],
    ['0', '"0"', 'null'],
    ['null', '-1', '1.5'],
    ['"no id"', '"wide"', '2147483648'],
  ])('takes %s for no file, and %s and %s for no size', async (fileId, width, height) => {
    const members = `"status":"Queueing","file_id":${fileId},"video_width":${width},"video_height":${height}`
    expect((await query(say(members))).report).toMatchObject({ fileId: null, width: null, height: null })
  })

  it('takes any size that an Int holds', async () => {
    const { report } = await query(say('"status":"Success","video_width":1,"video_height":2147483647'))
    expect(report).toMatchObject({ width: 1, height: 2_147_483_647 })
  })

  it.each([
    ['Preparing', 'PREPARING'],
    ['Queueing', 'QUEUED'],
    ['queuing', 'QUEUED'],
    ['QUEUED', 'QUEUED'],
    ['Processing', 'PROCESSING'],
    ['running', 'PROCESSING'],
    ['Success', 'SUCCEEDED'],
    ['succeeded', 'SUCCEEDED'],
    ['Fail', 'FAILED'],
    ['failed', 'FAILED'],
    ['expired', 'EXPIRED'],
    [' Expired ', 'EXPIRED'],
    ['Queue-ing', 'QUEUED'],
    ['Reviewing', 'OTHER'],
    ['constructor', 'OTHER'],
    ['审核中', 'OTHER'],
  ])('knows the status %s as %s', async (word, status) => {
    const { report } = await query(say(`"status":${JSON.stringify(word)}`))
    expect(report).toMatchObject({ status, statusName: word.trim() })
  })

  it('takes a number for a status that is new to us', async () => {
    expect((await query(say('"status":2'))).report).toMatchObject({ status: 'OTHER', statusName: '2' })
  })

  it('shows no more of a status than 64 characters that can be shown', async () => {
    const { report } = await query(
      say(`"status":${JSON.stringify(`a\u0000\n\u202e\ud800${'b'.repeat(1e5)}`)}`),
    )
    expect(report?.statusName).toBe(`a${'b'.repeat(59)}`)
  })

  it.each(['Fail', 'failed', 'Expired'])(
    'takes a code beside the status %s for why the task failed',
    async (word) => {
      const { report } = await query(say(`"status":"${word}"`, 1027))
      expect(report?.failure).toMatchObject({
        code: 'UPSTREAM_CONTENT_REJECTED',
        upstream: { statusCode: 1027, statusMessage: 'sensitive content in the output' },
      })
    },
  )

  it('has no reason for a failure where the upstream gives none', async () => {
    expect((await query(say('"status":"Fail"'))).report).toMatchObject({ status: 'FAILED', failure: null })
  })

  it.each([
    ['without a status', '', 1004, 'UPSTREAM_UNAUTHENTICATED'],
    ['with an empty one', '"status":""', 1004, 'UPSTREAM_UNAUTHENTICATED'],
    ['beside one of a task that goes on', '"status":"Processing"', 1008, 'UPSTREAM_INSUFFICIENT_BALANCE'],
    ['that says "invalid"', '"status":""', 2013, 'TASK_NOT_FOUND'],
  ])('takes a code %s for a failure of the query', async (_, members, code, expected) => {
    expect((await query(say(members, code))).error).toMatchObject({ code: expected })
  })

  it.each([
    ['no status', say('"file_id":"1"')],
    ['another task', say('"task_id":"11","status":"Success"')],
    ['no object', '[]'],
    ['an object for a status', say('"status":{}')],
    ['a status of nothing that shows', say('"status":"\\u200b"')],
  ])('makes nothing of an answer with %s', async (_, body) => {
    expect((await query(body)).error?.code).toBe('UPSTREAM_BAD_RESPONSE')
  })

  it('finds the answer where a gateway puts it into "data"', async () => {
    const { report } = await query(`{"data":{"task_id":"${ID}","status":"Success","file_id":"12"}}`)
    expect(report).toMatchObject({ status: 'SUCCEEDED', fileId: '12' })
  })
})

describe('the guard before queries', () => {
  function start(code: ConstructorParameters<typeof FileError>[0], details = {}) {
    const clock = createFakeClock()
    const asked: string[] = []
    const fail = (name: string) => {
      asked.push(name)
      return Promise.reject(new FileError(code, details))
    }
    const client = {
      retrieve: () => fail('file'),
      list: () => fail('list'),
      delete: () => fail('delete'),
      content: () => fail('content'),
      create: () => fail('create'),
      query: (kind: TaskKind, id: TaskId) => fail(`${kind} ${id}`),
    }
    const guard = createGuard(client, clock, { isExempt: () => false })
    const query = (kind: TaskKind, id: string) =>
      guard.query(kind, id as TaskId, createLookup()).then(
        () => '',
        (error: FileError) => `${error.code} ${error.refused}`,
      )
    return { clock, asked, guard, query }
  }

  it('remembers for a minute, for each pipeline, that the upstream has no such operation', async () => {
    const { query, clock, asked } = start('UPSTREAM_UNSUPPORTED')
    expect(await query('video', '11')).toBe('UPSTREAM_UNSUPPORTED false')
    expect(await query('video', '12')).toBe('UPSTREAM_UNSUPPORTED true')
    expect(await query('speech', '12')).toBe('UPSTREAM_UNSUPPORTED false')
    clock.pass(60_000)
    expect(await query('video', '12')).toBe('UPSTREAM_UNSUPPORTED false')
    expect(asked).toEqual(['video 11', 'speech 12', 'video 12'])
  })

  it('keeps a rate limit of queries to queries of that pipeline', async () => {
    const { query, guard, asked } = start('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60 })
    await query('speech', '11')
    expect(await query('speech', '12')).toBe('UPSTREAM_RATE_LIMITED true')
    expect(await query('video', '12')).toBe('UPSTREAM_RATE_LIMITED false')
    await guard.retrieve('13' as never, createLookup()).catch(() => {})
    expect(asked).toEqual(['speech 11', 'video 12', 'file'])
    // One of files is the account's.
    expect(await query('speech', '14')).toBe('UPSTREAM_RATE_LIMITED true')
  })

  it('answers a failure of one task again for a second, and lets others pass', async () => {
    const { query, clock, asked } = start('UPSTREAM_BAD_RESPONSE')
    expect(await query('video', '11')).toBe('UPSTREAM_BAD_RESPONSE false')
    expect(await query('video', '11')).toBe('UPSTREAM_BAD_RESPONSE true')
    expect(await query('video', '12')).toBe('UPSTREAM_BAD_RESPONSE false')
    clock.pass(1000)
    expect(await query('video', '11')).toBe('UPSTREAM_BAD_RESPONSE false')
    expect(asked).toHaveLength(3)
  })
})
