// What /readyz says of Redis and of the day's limit: the truth, by what was really answered, and without a call.
import { expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { startRedis, withoutRedis } from './helpers/redis.js'

type App = Awaited<ReturnType<typeof startApp>>

const lookUp = ({ query }: App) => query(`{ file(id: "${VIDEO}") { id } }`)

async function readReady({ send }: App) {
  const response = await send('/readyz')
  return [response.status, await response.json()]
}

it('names the budget once it is used up, and answers what is known', async () => {
  const app = await startApp({ SPEND_LIMIT_USD_PER_DAY: '0.004' })
  expect(await readReady(app)).toEqual([200, { status: 'ok' }])
  expect((await lookUp(app)).data.file.id).toBe(VIDEO)
  expect(await readReady(app)).toEqual([200, { status: 'ok', degraded: ['budget'] }])
  expect((await lookUp(app)).data.file.id).toBe(VIDEO)
  expect(app.sandbox.calls).toBe(1)
})

it('names a budget that another process has used up', { skip: Boolean(withoutRedis) }, async () => {
  const { url } = await startRedis()
  const env = { REDIS_URL: url, SPEND_LIMIT_USD_PER_DAY: '0.004' }
  const one = await startApp(env)
  const two = await startApp({ ...env, UPSTREAM_URL: one.sandbox.url })
  const other = await startApp(env)
  await lookUp(one)
  const usedUp = [200, { status: 'ok', degraded: ['budget'] }]
  expect(await readReady(one)).toEqual(usedUp)
  await expect.poll(() => readReady(two)).toEqual(usedUp)
  await expect.poll(() => readReady(other)).toEqual([200, { status: 'ok' }]) // another upstream is another account
})

it('names a Redis that answers PING and refuses scripts', { skip: Boolean(withoutRedis) }, async () => {
  const server = await startRedis()
  await server.send('ACL', 'SETUSER', 'default', '-@scripting')
  const app = await startApp({ REDIS_URL: server.url })
  expect(await server.send('PING')).toBe('PONG')
  expect((await lookUp(app)).data.file.id).toBe(VIDEO)
  expect(await readReady(app)).toEqual([200, { status: 'ok', degraded: ['redis'] }])
  await server.send('ACL', 'SETUSER', 'default', '+@scripting')
  await expect.poll(() => readReady(app), { timeout: 5000 }).toEqual([200, { status: 'ok' }])
})

it('names a Redis that became full', { skip: Boolean(withoutRedis) }, async () => {
  const server = await startRedis()
  const app = await startApp({ REDIS_URL: server.url })
  await server.send('CONFIG', 'SET', 'maxmemory', '1')
  expect((await lookUp(app)).data.file.id).toBe(VIDEO)
  expect(await readReady(app)).toEqual([200, { status: 'ok', degraded: ['redis'] }])
})
