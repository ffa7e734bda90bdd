// The package's own API, as it was built: the server in somebody else's process.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import * as all from 'minimax-files-graphql'
import { createApp, createSandbox } from 'minimax-files-graphql'
import { expect, it, onTestFinished } from 'vitest'
import { startBackend } from './clients/embed.js'
import { VIDEO } from './helpers/faults.js'

async function ask(url: string, query: string) {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  }
  return (await (await fetch(url, init)).json()) as { data: never; extensions: { cost: object } }
}

it('serves made-up files, counts, fails when it is told to, and stops', async () => {
  const { url, sandbox, stop } = await startBackend()
  onTestFinished(stop)
  const query = `{ fileResult(id: "${VIDEO}") { ... on File { filename } ... on FileError { code } } }`
  sandbox.fault({ name: 'status', status: 402, times: 1 })
  expect((await ask(url, query)).data).toEqual({ fileResult: { code: 'UPSTREAM_INSUFFICIENT_BALANCE' } })
  expect(sandbox.calls).toBe(1)
  expect(sandbox.files.map(({ id }) => id)).toContain(VIDEO)
  await stop()
  await expect(fetch(url)).rejects.toThrow()
  await expect(fetch(sandbox.url)).rejects.toThrow()
})

it.each<[string, string]>([
  ['{ "name": "Status", "status": 503 }', 'A fault takes the name status, latency, reset or silence.'],
  ['{ "name": "status" }', 'The fault status takes a status from 200 to 599.'],
  ['{ "name": "status", "status": "503" }', 'The fault status takes a status from 200 to 599.'],
  ['{ "name": "status", "status": 99 }', 'The fault status takes a status from 200 to 599.'],
  ['{ "name": "latency" }', 'The fault latency takes ms, a number from 0.'],
])('refuses the fault %s where it is set, not where a look-up meets it', async (fault, message) => {
  const sandbox = await createSandbox()
  onTestFinished(sandbox.stop)
  expect(() => sandbox.fault(JSON.parse(fault))).toThrow(new TypeError(message))
})

it('exports what is documented, and nothing else', () => {
  const page = readFileSync('docs/embed.md', 'utf8')
  const documented = [...page.matchAll(/^\*\*`(\w+)\(/gm)].map(([, name]) => name)
  expect(Object.keys(all).sort()).toEqual(documented.sort())
})

it('rejects with a line for each setting that is wrong', async () => {
  const wrong = createApp({ env: { PORT: 'abc', CACHE_TTL_SECONDS: '-1' } })
  await expect(wrong).rejects.toThrow(/^PORT is "abc".*\nCACHE_TTL_SECONDS is "-1".*$/)
})

it('rejects settings that are no text, such as those of a configuration in JavaScript', async () => {
  const env = JSON.parse(
    '{ "PORT": 0, "WRITES": false, "CORS_ORIGINS": ["*"], "COMETAPI_KEY_FILE": 7, "REDIS_URL": null }',
  )
  const names = ['PORT', 'COMETAPI_KEY_FILE', 'REDIS_URL', 'WRITES', 'CORS_ORIGINS']
  const faults = names.map((name) => `${name} is not a string, as the variables of an environment are.`)
  await expect(createApp({ env })).rejects.toThrow(faults.join('\n'))
})

it('gives its log a line at a time, where that is asked for', async () => {
  const lines: string[] = []
  const app = await createApp({
    env: { PORT: '0', NODE_ENV: 'production', UPSTREAM: 'sandbox' },
    log: (line) => lines.push(line),
  })
  onTestFinished(() => app.stop())
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['serving'])
})

it('leaves nothing behind that listens to the process', async () => {
  const count = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)])
  const start = async () => (await createApp({ env: { PORT: '0' } })).stop()
  await start() // loads what is loaded once
  const before = count()
  await start()
  expect(count()).toEqual(before)
})

const SCRIPT = `
  import { createApp } from 'minimax-files-graphql'
  const app = await createApp({ env: { PORT: '0' } })
  const body = JSON.stringify({ query: '{ file(id: "${VIDEO}") { filename } }' })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(app.url, { method: 'POST', headers, body })
  console.log(JSON.stringify(await response.json()))
  await app.stop()`

it('reads nothing of the environment of its process, says nothing by itself, and lets it end', async () => {
  const env = { PATH: process.env.PATH ?? '', PORT: 'abc', COMETAPI_KEY: 'a-key', LOG_LEVEL: 'trace' }
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', SCRIPT],
    { env },
  )
  expect(JSON.parse(stdout)).toMatchObject({
    data: { file: { filename: 'output_aigc.mp4' } },
    extensions: { cost: { simulated: true } },
  })
  expect(stderr).toBe('')
})
