// Nothing is paid for nothing, and nobody is locked out: what many clients do to each other, counted at an upstream
// that fails for some files only.
import { describe, expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { type Peer, startPeer, toAnswer } from './helpers/peer.js'

const RESULT = 'query ($id: ID!) { fileResult(id: $id) { __typename ... on FileError { code } } }'
const RESULTS = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename ... on FileError { code } } }'
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))
const toId = ({ target }: Peer['requests'][number]) => target.split('file_id=')[1] ?? ''
const isBad = (id: string) => id.startsWith('666')
const fail = (code: number) => JSON.stringify({ base_resp: { status_code: code, status_msg: 'x' } })

/** An upstream that has every file, but for those that are bad in this way. */
function startUpstream(bad: string, { delayMs = 5, status = '200 OK' } = {}) {
  return startPeer((socket, request) => {
    const id = toId(request)
    const answer = isBad(id) ? toAnswer(bad, { status }) : toAnswer(`{"file":{"file_id":${id}}}`)
    setTimeout(() => socket.write(answer), delayMs)
  })
}

describe('one client that asks for files that fail', () => {
  it.each([
    ['1013', fail(1013), '200 OK'],
    ['1004', fail(1004), '200 OK'],
    ['1008', fail(1008), '200 OK'],
    ['2049', fail(2049), '200 OK'],
    ['no file', '{"file":null,"base_resp":{"status_code":0}}', '200 OK'],
    ['HTTP 503', '{}', '503 Service Unavailable'],
    ['HTTP 401', '{}', '401 Unauthorized'],
  ])('keeps nobody from files that do not, and makes few calls: %s', async (_, bad, status) => {
    const peer = await startUpstream(bad, { status })
    const { query, send } = await startApp({ UPSTREAM_URL: peer.url.href })
    await query(RESULT, { id: '1000000' }) // the server has seen that the upstream is well
    let isOver = false
    const poison = async () => {
      while (!isOver) await query(RESULTS, { ids: times(10, (index) => `666000${index}`) })
    }
    const good = async (client: number) => {
      const outcomes: string[] = []
      for (let round = 0; round < 40; round++) {
        const { data } = await query(RESULT, { id: `${client}${1000 + round}` })
        outcomes.push(data.fileResult.__typename)
      }
      return outcomes
    }
    const startMs = performance.now()
    const poisoner = poison()
    const outcomes = (await Promise.all(times(5, (client) => good(client + 1)))).flat()
    isOver = true
    await poisoner
    expect(outcomes.filter((outcome) => outcome !== 'File').length).toBeLessThan(outcomes.length * 0.05)
    expect(await (await send('/readyz')).json()).toEqual({ status: 'ok' })
    // Two attempts or three each time: at once, and then after 1 s, 2 s more, 4 s more …
    const rounds = 2 + Math.log2(1 + (performance.now() - startMs) / 1000)
    expect(peer.requests.filter((request) => isBad(toId(request))).length).toBeLessThanOrEqual(30 * rounds)
  })
})

describe('a queue of our own', () => {
  it('longer than the deadline allows ends without a call, and as nobody else’s fault', async () => {
    // Two waves fit into the deadline, and a second is left, in which a third would not.
    const peer = await startUpstream('', { delayMs: 1200 })
    const { query, send } = await startApp({ UPSTREAM_URL: peer.url.href, UPSTREAM_TIMEOUT_MS: '3400' })
    const ids = times(200, (index) => `1${1000 + index}`)
    const answers = await Promise.all(
      [0, 100].map((from) => query(RESULTS, { ids: ids.slice(from, from + 100) })),
    )
    const endings = answers.flatMap(({ data }) => data.fileResults)
    const files = endings.filter(({ __typename }) => __typename === 'File').length
    expect(new Set(endings.flatMap(({ code }) => code ?? []))).toEqual(new Set(['UPSTREAM_TIMEOUT']))
    // What was sent was answered; what would not have been was not sent.
    expect(peer.requests.length).toBe(files)
    expect(answers.reduce((sum, { extensions }) => sum + extensions.cost.calls, 0)).toBe(files)
    expect(await (await send('/readyz')).json()).toEqual({ status: 'ok' })
    expect((await query(RESULT, { id: '20001' })).data.fileResult.__typename).toBe('File')
  })
})
