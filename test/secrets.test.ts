// What must never come out. Each server that a test starts is searched for secrets when it ends; here stand the
// places where they would be likeliest to leak.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readSettings, toConfig } from '../src/config/config.js'
import { toLines } from '../src/config/usage.js'
import type { FaultRule } from '../src/sandbox/rules.js'
import { KEY, startApp } from './helpers/app.js'
import { lookUp, strike, VIDEO } from './helpers/faults.js'
import { LISTENING, run } from './helpers/process.js'

const TOKEN = 'token-SENTINEL-0123456789'

describe('[136] the key and the tokens', () => {
  it('stay in, whatever the process is asked and however it fails', async () => {
    const sandbox = { UPSTREAM: 'sandbox', COMETAPI_KEY: KEY, ACCESS_TOKENS: TOKEN, LOG_LEVEL: 'trace' }
    const { child, waitFor, exited, output } = run({ PORT: '0', UPSTREAM_TIMEOUT_MS: '200', ...sandbox })
    const [, url = ''] = await waitFor(LISTENING)
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const answers: string[] = []
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(new URL(path, url), { headers, ...init })
      answers.push(JSON.stringify([...response.headers]), await response.text())
    }
    for (const path of ['/livez', '/readyz', '/metrics', '/', '/nowhere', `/graphql?token=${TOKEN}`])
      await ask(path)
    for (const id of [VIDEO, '1', '2', '3', '4', '7', '9', '401', '502', '1004', '2049', 'x']) {
      const body = JSON.stringify({ query: `query A { file(id: "${id}") { filename } }` })
      await ask('/graphql', { method: 'POST', body })
    }
    await ask('/graphql', { method: 'POST', body: `{"query": "${TOKEN}` })
    await ask('/graphql', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${TOKEN}x` } })
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(answers.join('\n') + output()).not.toMatch(/SENTINEL/)
  })

  it('show themselves in no form that a configuration is printed in', () => {
    const settings = readSettings({ COMETAPI_KEY: KEY, ACCESS_TOKENS: TOKEN })
    const forms = [
      ...[settings, toConfig(settings)].flatMap((each) => [
        JSON.stringify(each),
        inspect(each, { depth: 9, showHidden: true }),
      ]),
      ...toLines(settings),
    ]
    expect(forms.join('\n')).not.toMatch(/SENTINEL/)
    expect(forms.join('\n')).toContain('COMETAPI_KEY=[redacted]')
  })
})

describe('[137] a signed link', () => {
  it('stands in the answer alone, which no shared cache may keep', async () => {
    const { query, logs } = await startApp()
    const { data, headers } = await query(`{ file(id: "${VIDEO}") { downloadUrl } }`)
    expect(data.file.downloadUrl).toMatch(/Signature=/)
    expect(headers.get('cache-control')).toMatch(/private|no-store/)
    expect(logs.join('\n')).not.toContain(new URL(data.file.downloadUrl).pathname)
  })
})

describe('[138] the upstream’s own words', () => {
  const message = `invalid api key ${KEY}, see https://internal.invalid/a?Signature=abc <script>alert(1)</script>`
  const rules: readonly (readonly [string, FaultRule])[] = [
    ['a known code', { name: 'base', code: 1004, message }],
    ['an unknown code', { name: 'base', code: 7777, message }],
    ['a missing file', { name: 'base', code: 2013, message }],
    ['an envelope', { name: 'envelope', status: 500, code: message, message }],
    ['an envelope of success', { name: 'envelope', status: 200, code: 'who_knows', message }],
    ['JSON that is cut off', { name: 'bad-json', text: `{"base_resp":{"status_msg":"${message}` }],
  ]

  it.each(rules)('are neither told nor logged: %s', async (_, rule) => {
    const { app, result } = await strike(rule)
    expect(result.code).toMatch(/^[A-Z_]+$/)
    const told = JSON.stringify(result) + app.logs.join('\n')
    expect(told).not.toMatch(/SENTINEL|script|internal\.invalid/)
  })
})

describe('[139] who may not see a file', () => {
  // All who ask share the server's one account. It says the same of a file that never was and of another account's,
  // since that is all it is told; and a stranger to the server learns nothing of either.
  it('learns the same of every file, there or not', async () => {
    const { query, sandbox } = await startApp({ ACCESS_TOKENS: TOKEN })
    const authorization = `Bearer ${TOKEN}x`
    const told = new Set<string>()
    for (const id of [VIDEO, '335560631603474', '1008', 'x']) {
      const { status, errors } = await query(
        `{ file(id: "${id}") { id } }`,
        {},
        { headers: { authorization } },
      )
      const [{ extensions, ...error }] = errors as [{ extensions: { requestId: string } }]
      told.add(JSON.stringify([status, error, { ...extensions, requestId: '' }]))
    }
    expect(told.size).toBe(1)
    expect(sandbox.calls).toBe(0)
  })

  it('is told of a missing file in the same words and after as many calls, whichever it is', async () => {
    const app = await startApp()
    const outcomes = []
    for (const id of ['335560631603474', '9223372036854775806', '1']) {
      if (id === '1')
        app.sandbox.fault({ name: 'base', code: 2013, message: 'invalid params, file not found' })
      const { result, calls } = await lookUp(app, id)
      outcomes.push({ ...result, upstream: { ...result.upstream, traceId: '' }, calls })
    }
    expect(outcomes[0]).toMatchObject({ code: 'FILE_NOT_FOUND', calls: 1 })
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
  })
})
