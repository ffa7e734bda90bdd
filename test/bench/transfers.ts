// One large file up and down, byte for byte, through this server and through nginx, by turns.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toPercentile } from './load.js'
import { startNginx, withoutNginx } from './nginx.js'
import { startServer } from './peer.js'

export type Transferred = {
  readonly name: string
  readonly mibPerSecond: number
  /** NaN without nginx. */
  readonly nginxMibPerSecond: number
  /** The most that the server's memory grew while the bytes passed. */
  readonly grownMiB: number
}

const PIECE = randomBytes(2 ** 20)
const ID = 438136012800999

/** So many pieces, each of which begins at another place of the same bytes. */
function* toPieces(count: number): Generator<Buffer> {
  for (let at = 0; at < count; at++) {
    const start = (at * 4099) % PIECE.length
    yield PIECE.subarray(start)
    yield PIECE.subarray(0, start)
  }
}

async function write(to: ServerResponse | ReturnType<typeof request>, count: number): Promise<void> {
  for (const piece of toPieces(count)) if (!to.write(piece)) await once(to, 'drain')
  to.end()
}

async function readDigest(
  from: IncomingMessage,
  skip = 0,
  bytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const hash = createHash('sha256')
  let at = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(Math.max(0, skip - at), Math.max(0, skip + bytes - at)))
    at += chunk.length
  }
  return hash.digest('hex')
}

/** It has one file, and takes one as a form or as it is; `taken` is the digest of the last one. */
async function startUpstream(count: number) {
  const bytes = count * PIECE.length
  const state = { taken: '', url: '', stop: () => server.close() }
  const server = createServer({ requestTimeout: 0 }, async (incoming, response) => {
    const { method, url = '', headers } = incoming
    if (method === 'GET' && url === '/bytes') {
      response.setHeader('content-length', bytes)
      return write(response, count)
    }
    if (method !== 'GET') {
      const [, boundary] = /boundary=(\S+)/.exec(headers['content-type'] ?? '') ?? []
      const tail = boundary === undefined ? 0 : boundary.length + 8
      state.taken = await readDigest(incoming, Number(headers['content-length']) - bytes - tail, bytes)
    }
    const file_id = Number(/file_id=(\d+)/.exec(url)?.[1] ?? ID)
    const file = {
      file_id,
      bytes,
      created_at: 1_763_477_381,
      filename: 'a.mp4',
      download_url: `${state.url}/bytes`,
    }
    response.end(JSON.stringify({ file, base_resp: { status_code: 0, status_msg: 'success' } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

async function ask(url: string, method: string, count: number): Promise<IncomingMessage> {
  const headers = method === 'PUT' ? { 'content-length': count * PIECE.length } : {}
  const outgoing = request(url, { method, headers })
  const answer = once(outgoing, 'response')
  if (method === 'PUT') await write(outgoing, count)
  else outgoing.end()
  const [response] = (await answer) as [IncomingMessage]
  return response
}

/** How many milliseconds each of `rounds` took, by turns. */
export async function measureTransfers(mib: number, rounds: number): Promise<Transferred[]> {
  const upstream = await startUpstream(mib)
  const server = await startServer({
    UPSTREAM_URL: upstream.url,
    UPLOAD_MAX_BYTES: String(mib * PIECE.length),
  })
  const nginx = withoutNginx ? undefined : await startNginx(upstream.url)
  const origin = new URL(server.url).origin
  const expected = createHash('sha256')
  for (const piece of toPieces(mib)) expected.update(piece)
  const digest = expected.digest('hex')
  const check = (found: string) => {
    if (found !== digest) throw new Error('What came is not what was sent.')
  }
  const up = async (url: string) => {
    for await (const _ of await ask(url, 'PUT', mib));
    check(upstream.taken)
  }
  const down = async (url: string) => check(await readDigest(await ask(url, 'GET', mib)))
  const results: Transferred[] = []
  for (const { name, run, own, theirs } of [
    {
      name: 'up',
      run: up,
      own: `${origin}/files?purpose=video_understanding&filename=a.mp4`,
      theirs: '/',
    },
    { name: 'down', run: down, own: `${origin}/files/${ID + 1}/content`, theirs: '/bytes' },
  ]) {
    const [ownMs, theirMs]: [number[], number[]] = [[], []]
    await run(own) // what it needs for any transfer
    const before = server.rssMiB()
    let most = before
    const watch = setInterval(() => {
      most = Math.max(most, server.rssMiB())
    }, 20)
    for (let round = 0; round < rounds; round++) {
      ownMs.push(await time(() => run(own)))
      if (nginx) theirMs.push(await time(() => run(nginx.url + theirs)))
    }
    clearInterval(watch)
    const toSpeed = (ms: number[]) => (mib * 1000) / toPercentile(ms, 0.5)
    results.push({
      name: `${name}, ${mib} MiB`,
      mibPerSecond: toSpeed(ownMs),
      nginxMibPerSecond: theirMs.length === 0 ? Number.NaN : toSpeed(theirMs),
      grownMiB: Math.max(most, server.rssMiB()) - before,
    })
  }
  nginx?.stop()
  server.stop()
  upstream.stop()
  return results
}

async function time(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}
