// What the log says of each request: one line, by name and number, and nothing of what was asked or answered.
import { EventEmitter } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createIsoTime, createLog, createNotice, createOutput } from '../src/log.js'
import { startApp } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'

type Line = Readonly<Record<string, unknown>>

/** The lines of this level so far. */
function toLines(logs: readonly string[], level = 'info'): Line[] {
  return logs
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.level === level && 'requestId' in line)
}

it('is one line per operation: its name, what it looked up and paid for, and how that ended', async () => {
  const { query, logs } = await startApp()
  const { headers } = await query(
    `query Shelf($id: ID!) {
       file(id: $id) { filename }
       again: file(id: $id) { bytes }
       fileResult(id: "1004") { ... on FileError { code } }
       _entities(representations: [{ __typename: "File", id: "335560631603474" }]) { ... on File { id } }
     }`,
    { id: VIDEO },
  )
  await eventually(() => expect(toLines(logs)).toHaveLength(1))
  expect(toLines(logs)[0]).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    pid: process.pid,
    hostname: expect.any(String),
    requestId: headers.get('x-request-id'),
    method: 'POST',
    route: '/graphql',
    status: 200,
    durationMs: expect.any(Number),
    operation: 'Shelf',
    type: 'query',
    lookups: 3,
    calls: 3,
    usd: 0.012,
    codes: expect.arrayContaining(['UPSTREAM_UNAUTHENTICATED', 'FILE_NOT_FOUND']),
    way: 'apollo',
    msg: 'answered',
  })
  expect(logs.join()).not.toContain(VIDEO)
  expect(logs.join()).not.toMatch(/output_aigc|fileResult|filename/)
})

it.each([
  ['a document that is none', '{ file(', ['GRAPHQL_PARSE_FAILED'], null],
  ['an unknown field', 'query Named { nothing }', ['GRAPHQL_VALIDATION_FAILED'], null],
  ['an id that is none', 'query Named { file(id: "x") { id } }', ['INVALID_FILE_ID'], 'Named'],
  ['a long name', `query ${'N'.repeat(900)} { __typename }`, [], 'N'.repeat(64)],
])('names the codes of %s, which cost nothing', async (_, text, codes, operation) => {
  const { query, logs } = await startApp()
  await query(text)
  await eventually(() => expect(toLines(logs)).toHaveLength(1))
  expect(toLines(logs)[0]).toMatchObject({ codes, operation, lookups: 0, calls: 0, usd: 0 })
})

it('says of a client that left what it cost all the same, and that is no error', async () => {
  const { query, logs, sandbox } = await startApp()
  sandbox.fault({ name: 'silence' })
  const leaving = new AbortController()
  const answer = query(`query Left { file(id: "${VIDEO}") { id } }`, {}, { signal: leaving.signal })
  await expect.poll(() => sandbox.calls).toBe(1)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  await eventually(() => expect(toLines(logs)).toHaveLength(1))
  expect(toLines(logs)[0]).toMatchObject({ msg: 'the client left', operation: 'Left', calls: 1 })
  expect(toLines(logs)[0]).not.toHaveProperty('status')
  expect(toLines(logs, 'error')).toEqual([])
})

it('has a line for what is no operation, and keeps the questions of machines to its debug level', async () => {
  const { send, logs } = await startApp()
  for (const path of ['/nowhere', '/livez', '/readyz', '/metrics']) await send(path)
  await eventually(() => expect(toLines(logs, 'debug')).toHaveLength(3))
  expect(toLines(logs)).toMatchObject([{ status: 404, method: 'GET', msg: 'answered' }])
  expect(toLines(logs)[0]).not.toHaveProperty('operation')
  expect(logs.join()).not.toContain('nowhere')
})

it('says of an upstream failure which request met it, and the id to quote to the upstream', async () => {
  const { query, logs } = await startApp()
  const { headers, errors } = await query('{ file(id: "1004") { id } }')
  const lines = logs.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn')
  expect(lines).toMatchObject([
    {
      requestId: headers.get('x-request-id'),
      upstreamTraceId: errors?.[0].extensions.upstream.traceId,
      code: 'UPSTREAM_UNAUTHENTICATED',
      httpStatus: 200,
      statusCode: 1004,
      msg: 'an upstream call failed',
    },
  ])
  expect(lines[0].upstreamTraceId).toMatch(/./)
})

it('says the same failure once a minute, whoever meets it', async () => {
  const lines: object[] = []
  const clock = { nowMs: 0 }
  const log = { warn: (detail: object) => lines.push(detail) }
  const notice = createNotice(log as never, () => clock.nowMs)
  for (const requestId of ['a', 'b']) notice('failed', { code: 'X' }, { requestId })
  clock.nowMs = 60_000
  notice('failed', { code: 'X' }, { requestId: 'c' })
  expect(lines).toEqual([
    { requestId: 'a', code: 'X' },
    { requestId: 'c', code: 'X' },
  ])
})

it('writes a time once a millisecond', () => {
  let ms = Date.UTC(2026, 0, 1)
  const toTime = createIsoTime(() => ms)
  expect([toTime(), toTime()]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'])
  ms++
  expect(toTime()).toBe('2026-01-01T00:00:00.001Z')
})

it.each(['a\r\nfatal', '<b>', 'x'.repeat(10_000)])(
  'stays one line whatever the request id: %.9s',
  async (id) => {
    const { send, logs } = await startApp()
    await send('/graphql', { headers: { 'x-request-id': id } }).catch(() => 'not even sent')
    for (const line of logs) expect(line.trim()).not.toMatch(/[\r\n]|<b>|x{65}/)
  },
)

describe('standard output', () => {
  /** A process whose output nobody takes, on a clock that stands. */
  function createProcess() {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const written: string[] = []
    const stdout = { writableLength: 0, write: (text: string) => written.push(text) > 0 }
    const process = Object.assign(new EventEmitter(), { stdout })
    return { process: process as never, emit: (event: string) => process.emit(event), stdout, written }
  }

  it('is written in batches, a tenth of a second after the first line, in the order of the lines', () => {
    const { process, written } = createProcess()
    const log = createLog('info', createOutput(process))
    log.info('first')
    log.print('info', '"msg":"second"')
    log.warn('third')
    vi.advanceTimersByTime(99)
    expect(written).toEqual([])
    vi.advanceTimersByTime(1)
    expect(written).toHaveLength(1)
    const lines = String(written[0]).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['first', 'second', 'third'])
    log.info('fourth')
    vi.advanceTimersByTime(100)
    expect(written).toHaveLength(2)
  })

  it('is not kept waiting once there is much to write', () => {
    const { process, written } = createProcess()
    const { write } = createOutput(process)
    for (let i = 0; i < 33; i++) write(`${'x'.repeat(1023)}\n`)
    expect(written.map(({ length }) => length)).toEqual([32 * 1024])
  })

  it.each(['beforeExit', 'exit'])('gets the last lines when the process ends: %s', (event) => {
    const { process, emit, written } = createProcess()
    createOutput(process).write('last\n')
    emit(event)
    vi.advanceTimersByTime(1000)
    expect(written).toEqual(['last\n'])
  })

  it('gets a fatal line at once, with those before it', () => {
    const { process, written } = createProcess()
    const log = createLog('info', createOutput(process))
    log.info('before')
    log.fatal('end')
    expect(written.join('').trimEnd().split('\n')).toHaveLength(2)
  })

  it('gets nothing more while a megabyte waits for its reader, and the rest after that', () => {
    const { process, stdout, written } = createProcess()
    const { write } = createOutput(process)
    for (const [waiting, line] of [
      [2 ** 20 - 1, 'a\n'],
      [2 ** 20, 'b\n'],
      [0, 'c\n'],
    ] as const) {
      stdout.writableLength = waiting
      write(line)
      vi.advanceTimersByTime(100)
    }
    expect(written).toEqual(['a\n', 'c\n'])
  })
})

it('writes by hand what pino would have written, whatever the level', () => {
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => lines.push(line) })
  for (const level of ['debug', 'info'] as const) {
    lines.length = 0
    log.print(level, '"requestId":"a","msg":"answered"')
    log[level]({ requestId: 'a' }, 'answered')
    const [ours, pinos] = lines.map((line) => JSON.stringify({ ...JSON.parse(line), time: 0 }))
    expect(ours).toBe(pinos)
  }
})
