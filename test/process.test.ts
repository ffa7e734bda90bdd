// The process: start-up lines, --check, exit codes, signals.
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { KEY } from './helpers/app.js'
import { parseCurl } from './helpers/curl.js'
import { closedUrl } from './helpers/faults.js'
import { LISTENING, run } from './helpers/process.js'

/** Asks the process for the sandbox's video. */
async function ask(url: string): Promise<unknown> {
  const body = '{"query": "{ file(id: 437030092800001) { id } }"}'
  const headers = { 'content-type': 'application/json' }
  return (await fetch(url, { method: 'POST', headers, body })).json()
}

const VIDEO = { data: { file: { id: '437030092800001' } } }

it('says which upstream serves, where, with which ids, and prints a curl that works', async () => {
  const { waitFor, output } = run({ PORT: '0' })
  const [, url] = await waitFor(LISTENING)
  const [, curl] = await waitFor(/Try +(curl .*)\n/)
  expect(output()).toMatch(/Upstream +the built-in sandbox/)
  expect(output()).toContain('9007199254740993')
  const [, page] = await waitFor(/Explore +(http:\S+)/)
  expect(await (await fetch(String(page))).text()).toContain('<title>MiniMax files')
  expect(curl).toContain(url)
  const { url: target, init } = parseCurl(String(curl))
  const answer = await fetch(target, init)
  expect(await answer.json()).toMatchObject({
    data: { file: { filename: 'output_aigc.mp4', downloadUrl: expect.stringMatching(/^http:/) } },
    extensions: { cost: { calls: 1, usd: 0.004, simulated: true } },
  })
})

it('says what a call costs where a key is set, and never shows the key', async () => {
  const { waitFor, output } = run({ PORT: '0', COMETAPI_KEY: KEY })
  await waitFor(/Upstream +cometapi at https:\/\/api\.cometapi\.com; each call costs \$0\.004\n/)
  expect(output()).not.toContain(KEY)
})

it('prints its configuration with --check, and exits', async () => {
  const { exited, output } = run({ COMETAPI_KEY: KEY, PORT: '4100' }, ['--check'])
  expect(await exited).toBe(0)
  expect(output()).toContain('PORT=4100\n')
  expect(output()).toContain('COMETAPI_KEY=[redacted]\n')
  expect(output()).not.toContain(KEY)
})

it.each([[[]], [['--check']]])(
  '[131] names each fault of its configuration in a line, and exits with 1 %s',
  async (args) => {
    const keys = { UPSTREAM: 'cometapi', COMETAPI_KEY: `${KEY}\nb`, MINIMAX_API_KEY: '' }
    const upstream = { UPSTREAM_URL: 'https://a b', UPSTREAM_TIMEOUT_MS: '0' }
    const { exited, output } = run({ PORT: 'abc', ...keys, ...upstream, LOG_LEVEL: 'loud' }, args)
    expect(await exited).toBe(1)
    expect(output().trim().split('\n')).toEqual([
      'PORT is "abc", but takes an integer from 0 to 65535.',
      expect.stringMatching(/^COMETAPI_KEY is invalid/),
      expect.stringMatching(/^MINIMAX_API_KEY is empty/),
      expect.stringMatching(/^UPSTREAM_URL is "https:\/\/a b"/),
      expect.stringMatching(/^UPSTREAM_TIMEOUT_MS is "0"/),
      expect.stringMatching(/^LOG_LEVEL is "loud"/),
    ])
  },
)

it('says in production what it has to say in lines of the log alone', async () => {
  const env = { NODE_ENV: 'production', UPSTREAM: 'sandbox', PORT: '0', MINIMAX_API_HOST: 'x' }
  const { child, waitFor, exited, output } = run({ ...env, ACCESS_TOKENS: 'token-of-this-test' })
  await waitFor(/"msg":"serving"/)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  const lines = toLogLines(output())
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ['warn', 'MINIMAX_API_HOST is not a setting of this server.'],
    ['info', 'serving'],
    ['info', expect.stringMatching(/^stopping/)],
  ])
  expect(lines[1]).toMatchObject({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/),
    node: process.version,
    upstream: 'sandbox',
    pricePerCallUsd: 0.004,
    access: { tokens: 1, jwt: false },
    playground: false,
  })
  expect(output()).not.toContain('token-of-this-test')
})

it('says in production why it does not start in lines of the log, and to a person in plain ones', async () => {
  const env = { NODE_ENV: 'production', PORT: 'abc', COMETAPI_KEY: KEY, LOG_LEVEL: 'loud' }
  const { exited, output } = run(env)
  expect(await exited).toBe(1)
  expect(toLogLines(output()).map(({ level, msg }) => [level, msg.split(' ')[0]])).toEqual([
    ['fatal', 'PORT'],
    ['fatal', 'LOG_LEVEL'],
  ])
  const check = run(env, ['--check'])
  expect(await check.exited).toBe(1)
  expect(check.output()).toMatch(/^PORT is "abc"/)
})

it('refuses an option that it does not know', async () => {
  const { exited, output } = run({}, ['--chekc'])
  expect(await exited).toBe(1)
  expect(output()).toContain('--chekc')
})

it('[131] says that its port is taken, and exits with 1', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  const address = blocker.address()
  const port = String(typeof address === 'object' && address?.port)
  const { exited, output } = run({ PORT: port })
  expect(await exited).toBe(1)
  expect(output()).toContain(`Cannot listen on HOST=127.0.0.1 PORT=${port}: EADDRINUSE`)
  blocker.close()
})

/** Makes the schema unreadable, which shows when the sandbox listens already. */
const WITHOUT_SCHEMA = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const { readFileSync } = fs
  fs.readFileSync = (path, ...rest) => {
    if (String(path).endsWith('.graphql')) throw new Error('no schema')
    return readFileSync(path, ...rest)
  }
  syncBuiltinESMExports()`

it('[131] ends with 1, and says why, when something else keeps it from starting', async () => {
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(WITHOUT_SCHEMA)}`]
  const { exited, output } = run({ PORT: '0' }, [], { nodeArgs })
  expect(await exited).toBe(1)
  expect(output()).toBe('The server cannot start: no schema\n')
})

it('[129] exits with 1 at once on a second signal', async () => {
  const sandbox = await createSandbox()
  sandbox.fault({ name: 'silence' })
  const { child, waitFor, exited } = run({ PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url })
  const [, url] = await waitFor(LISTENING)
  const answer = ask(String(url)).catch(() => 'broken off')
  await expect.poll(() => sandbox.calls).toBe(1)
  child.kill('SIGTERM')
  await expect.poll(() => fetch(String(url)).catch(() => 'refused')).toBe('refused')
  child.kill('SIGTERM')
  expect(await exited).toBe(1)
  expect(await answer).toBe('broken off')
  await sandbox.close()
})

it('[130] logs what nobody caught, each fault once, finishes what is in flight, and exits with 1', async () => {
  const sandbox = await createSandbox()
  onTestFinished(() => sandbox.close())
  sandbox.fault({ name: 'latency', ms: 200 })
  const fault = "new Error('boom at https://cdn.example/a?Signature=abc')"
  const trap = `process.on('SIGUSR2', () => { Promise.reject(${fault}); setImmediate(() => { throw ${fault} }) })`
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(trap)}`]
  const env = { PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url }
  const { child, waitFor, exited, output } = run(env, [], { nodeArgs })
  const [, url = ''] = await waitFor(LISTENING)
  const answer = ask(url)
  await expect.poll(() => sandbox.calls).toBe(1)
  child.kill('SIGUSR2')
  expect(await answer).toMatchObject(VIDEO)
  expect(await exited).toBe(1)
  const faults = output()
    .split('\n')
    .filter((line) => line.includes('"level":"fatal"'))
  expect(faults.map((line) => JSON.parse(line).err.message)).toEqual(['boom at [url]', 'boom at [url]'])
  expect(output()).not.toContain('Signature=')
})

it('[134] serves on while nobody reads its log, and after the pipe that it logs to was closed', async () => {
  const { child, waitFor, exited } = run({ PORT: '0', LOG_LEVEL: 'debug' })
  const [, url = ''] = await waitFor(LISTENING)
  child.stdout?.pause()
  // Far more than a pipe holds.
  const headers = { 'x-request-id': 'a'.repeat(64) }
  for (let i = 0; i < 600; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => fetch(new URL('/livez', url), { headers })))
  }
  expect(await ask(url)).toMatchObject(VIDEO)
  child.stdout?.destroy()
  child.stderr?.destroy()
  for (let i = 0; i < 3; i++) expect(await ask(url)).toMatchObject(VIDEO)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})

it('ends with 0, and in time, where nobody reads its log any more', async () => {
  const { child, waitFor } = run({ PORT: '0', LOG_LEVEL: 'debug' })
  const [, url = ''] = await waitFor(LISTENING)
  child.stdout?.pause()
  // Far more than a pipe holds.
  const headers = { 'x-request-id': 'a'.repeat(64) }
  for (let i = 0; i < 3000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => fetch(new URL('/livez', url), { headers })))
  }
  child.kill('SIGTERM')
  // Where the time is up, it is 1.
  expect(await once(child, 'exit')).toEqual([0, null])
})

it.each(['node dist/main.js', 'the name that npm links to it'])(
  'finishes on SIGTERM what it was asked, then ends with 0, as %s',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'bin-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const sandbox = await createSandbox()
    onTestFinished(() => sandbox.close())
    sandbox.fault({ name: 'latency', ms: 300 })
    const env = { PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url }
    const { child, waitFor, exited } = run(
      env,
      [],
      name.startsWith('node ') ? {} : { executable: link(folder) },
    )
    const [, url = ''] = await waitFor(LISTENING)
    const answer = ask(url)
    await expect.poll(() => sandbox.calls, { timeout: 10_000 }).toBe(1)
    child.kill('SIGTERM')
    expect(await answer).toMatchObject(VIDEO)
    expect(await exited).toBe(0)
  },
)

/** Sends the signal in the middle of the start. */
const SIGNAL_AT_START = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const { readFileSync } = fs
  fs.readFileSync = (path, ...rest) => {
    if (String(path).endsWith('.graphql')) process.kill(process.pid, 'SIGTERM')
    return readFileSync(path, ...rest)
  }
  syncBuiltinESMExports()`

it('ends with 0 on a SIGTERM that comes while it starts', async () => {
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(SIGNAL_AT_START)}`]
  const { child } = run({ PORT: '0' }, [], { nodeArgs })
  expect(await once(child, 'exit')).toEqual([0, null])
})

/** As npm does when it installs the package. */
function link(folder: string): string {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const path = join(folder, 'minimax-files-graphql')
  chmodSync(main, 0o755)
  symlinkSync(main, path)
  return path
}

// Not every system has a device that is always full.
it.skipIf(!existsSync('/dev/full'))('[134] serves on where the disk that it logs to is full', async () => {
  const { port } = new URL(await closedUrl())
  const full = openSync('/dev/full', 'w')
  const { child, exited } = run({ PORT: port }, [], { stdout: full })
  closeSync(full)
  const url = `http://127.0.0.1:${port}/graphql`
  await expect.poll(() => ask(url).catch(() => 'not yet')).toMatchObject(VIDEO)
  for (let i = 0; i < 3; i++) expect(await ask(url)).toMatchObject(VIDEO)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})

function toLogLines(output: string) {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
