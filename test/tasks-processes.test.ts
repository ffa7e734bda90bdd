// Following tasks with the built server: two processes on one Redis, of which one is killed, or Redis is.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { KEY } from './helpers/app.js'
import { subscribe } from './helpers/events.js'
import { patientNode } from './helpers/patience.js'
import { LISTENING, run } from './helpers/process.js'
import { startRedis, withoutRedis } from './helpers/redis.js'

const POLL_MS = 1000

async function startTwo() {
  const sandbox = await createSandbox()
  onTestFinished(sandbox.close)
  const redis = await startRedis()
  const launch = async () => {
    const env = {
      ...{ PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url, REDIS_URL: redis.url },
      TASK_POLL_SECONDS: String(POLL_MS / 1000),
    }
    const server = run(env, [], { nodeArgs: patientNode })
    const [, url = ''] = await server.waitFor(LISTENING)
    return { ...server, url }
  }
  const [first, second] = await Promise.all([launch(), launch()])

  async function create(prompt: string): Promise<string> {
    const body = JSON.stringify({ model: 'MiniMax-Hailuo-02', prompt })
    const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body }
    const answer = await (await fetch(`${sandbox.url}/v1/video_generation`, init)).json()
    return (answer as { task_id: string }).task_id
  }

  /** When each query came. */
  const queries = () =>
    sandbox.requests.filter(({ operation }) => operation === 'queryVideo').map(({ timeMs }) => timeMs)
  return { sandbox, redis, first, second, create, queries }
}

async function ask(url: string, id: string): Promise<string> {
  const body = JSON.stringify({ query: `{ videoTask(id: "${id}") { status } }` })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { data } = (await response.json()) as { data: { videoTask: { status: string } } }
  return data.videoTask.status
}

const follow = (url: string, id: string) =>
  subscribe(url, { query: `subscription { videoTask(id: "${id}") { status file { id } } }` })

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(10)
}

describe.skipIf(withoutRedis)('two processes on one Redis', () => {
  it('ask about a task once an interval, for 200 clients that poll it and 50 that subscribe; all see the end', async () => {
    const { sandbox, first, second, create, queries } = await startTwo()
    sandbox.behave({ taskMs: 3500 })
    const id = await create('a ball')
    const urls = [first.url, second.url]
    const streams = await Promise.all(Array.from({ length: 50 }, (_, at) => follow(urls[at % 2] ?? '', id)))
    const poll = async (url: string) => {
      let status = ''
      for (; status !== 'SUCCEEDED'; await delay(50)) status = await ask(url, id)
      return status
    }
    const polled = await Promise.all(Array.from({ length: 200 }, (_, at) => poll(urls[at % 2] ?? '')))
    expect(new Set(polled)).toEqual(new Set(['SUCCEEDED']))
    for (const { rest } of streams) {
      const events = await rest()
      expect(events.at(-2)?.data.data.videoTask).toMatchObject({
        status: 'SUCCEEDED',
        file: { id: expect.any(String) },
      })
      expect(events.at(-1)?.name).toBe('complete')
    }
    const times = queries()
    const gaps = times.slice(1).map((timeMs, at) => timeMs - (times[at] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(POLL_MS - 5)
    expect(sandbox.calls).toBe(1)
  })

  it('are one when the one that was asking is killed: the other goes on within an interval', async () => {
    const { sandbox, redis, first, second, create, queries } = await startTwo()
    const id = await create('stuck')
    sandbox.fault({ name: 'silence', operation: 'queryVideo', times: 1 })
    void ask(first.url, id).catch(() => {})
    await until(() => queries().length === 1)
    const { next } = await follow(second.url, id)
    first.child.kill('SIGKILL')
    await first.exited
    const [turn = ''] = ((await redis.send('KEYS', '*:turn')) as string[]).filter((key) => key.includes(id))
    const leftMs = Number(await redis.send('PTTL', turn))
    expect(leftMs).not.toBe(-1) // which is for ever; one that has ended is gone
    expect(leftMs).toBeLessThanOrEqual(POLL_MS)
    expect((await next())?.data.data.videoTask.status).toMatch(/PREPARING|QUEUED|PROCESSING/)
    await until(() => queries().length > 3)
  })

  it('go on each by itself when Redis is gone', async () => {
    const { sandbox, redis, first, second, create, queries } = await startTwo()
    sandbox.behave({ taskMs: 2500 })
    const id = await create('fail 1026')
    const streams = await Promise.all([follow(first.url, id), follow(second.url, id)])
    for (const { next } of streams) await next()
    await redis.kill()
    for (const { rest } of streams) {
      const events = await rest()
      expect(events.at(-2)?.data.data.videoTask.status).toBe('FAILED')
    }
    const ended = queries().length
    expect([await ask(first.url, id), await ask(second.url, id)]).toEqual(['FAILED', 'FAILED'])
    expect(queries()).toHaveLength(ended)
  })
})
