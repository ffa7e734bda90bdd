// Uploads as a test sends them, and an upstream that takes down what arrives.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { startApp } from './app.js'

type App = Awaited<ReturnType<typeof startApp>>

export const toPath = (purpose: string, filename: string) =>
  `/files?purpose=${encodeURIComponent(purpose)}&filename=${encodeURIComponent(filename)}`

/** The server before a sandbox whose folder the test can look into. */
export async function startUploads(env: Parameters<typeof startApp>[0] = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'uploads-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true })) // after the sandbox has ended
  const app = await startApp(env, { temporaryFolder: folder })
  const seeded = app.sandbox.held.length
  onTestFinished(() => expect(app.logs.join()).not.toContain('internal error, masked'))
  return {
    ...app,
    put: (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
      send(app, path, { method: 'PUT', body: Buffer.from(body), headers }),
    form: (parts: FormData, headers: Record<string, string> = {}) =>
      send(app, '/files', { method: 'POST', body: parts, headers }),
    /** Files that were kept, and those that lie on disk. */
    kept: () => [
      app.sandbox.held.length - seeded,
      readdirSync(folder).reduce((sum, name) => sum + readdirSync(join(folder, name)).length, 0),
    ],
    /** The lines on changes. */
    audits: () => app.logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a change upstream'),
  }
}

/** The status and the body, and the code of a failure. */
async function send(app: Pick<App, 'send'>, path: string, init: RequestInit) {
  const response = await app.send(path, init)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer should have
  const body = (await response.json()) as any
  return { status: response.status, headers: response.headers, body, code: toCode(body) }
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer should have
function toCode(body: any): string | undefined {
  return body.errors?.[0].extensions.code
}

/** One request whose body the test writes by hand, and what was said to it. */
export function begin(url: string, path: string, headers: Record<string, string | number>, method = 'PUT') {
  const outgoing = request(`${url}${path}`, { method, headers, agent: false })
  onTestFinished(() => void outgoing.destroy())
  outgoing.on('error', () => {})
  outgoing.flushHeaders()
  let continued = false
  outgoing.on('continue', () => {
    continued = true
  })
  const answer = new Promise<{ status: number; code: string | undefined; connection: string | undefined }>(
    (resolve, reject) => {
      outgoing.once('error', reject)
      outgoing.once('response', async (response: IncomingMessage) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        const code = toCode(JSON.parse(Buffer.concat(chunks).toString()))
        resolve({ status: response.statusCode ?? 0, code, connection: response.headers.connection })
      })
    },
  )
  answer.catch(() => {})
  return { outgoing, answer, isContinued: () => continued }
}

type Received = {
  readonly headers: IncomingMessage['headers']
  readonly target: string
  bytes: number
  /** Of the whole body. */
  sha256: string
  /** `undefined` while it comes in. */
  end: 'whole' | 'cut' | undefined
  /** The first 2 KiB, as text. */
  start: string
}

/** Takes down each request, and answers what `answer` makes of it: once it is there, or when it begins. */
export async function startRecorder(
  answer: (response: ServerResponse, received: Received, request: IncomingMessage) => void,
  onBegin: (response: ServerResponse, request: IncomingMessage) => void = () => {},
) {
  const received: Received[] = []
  const server = createServer({ requestTimeout: 0 }, (incoming, response) => {
    const { headers, url: target = '' } = incoming
    const record: Received = { headers, target, bytes: 0, sha256: '', end: undefined, start: '' }
    const hash = createHash('sha256')
    received.push(record)
    onBegin(response, incoming)
    incoming.on('data', (chunk: Buffer) => {
      if (record.start.length < 2048) record.start += chunk.toString('utf8', 0, 2048)
      record.bytes += chunk.length
      hash.update(chunk)
    })
    incoming.on('error', () => {})
    incoming.on('close', () => {
      record.end ??= 'cut'
    })
    incoming.on('end', () => {
      record.end = 'whole'
      record.sha256 = hash.digest('hex')
      answer(response, record, incoming)
    })
  })
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, open }
}

/** The answer to an upload that was kept. */
export function answerKept(response: ServerResponse, fields: object = {}): void {
  const file = { file_id: 438136012800999, created_at: Math.floor(Date.now() / 1000), ...fields }
  response.end(JSON.stringify({ file, base_resp: { status_code: 0, status_msg: 'success' } }))
}

export function toForm(filename: string, bytes: Buffer | string, purpose = 'retrieval'): FormData {
  const form = new FormData()
  form.append('purpose', purpose)
  form.append('file', new Blob([new Uint8Array(Buffer.from(bytes))]), filename)
  return form
}
