// What goes wrong on request in the sandbox, for every operation: magic ids, rules, keys, and what is not sold.
import { describe, expect, it } from 'vitest'
import { baseFailures } from '../src/sandbox/codes.js'
import { contents } from '../src/sandbox/content.js'
import { beginUpload, post, toUpload } from './helpers/sandbox-form.js'
import { ask, type Reply } from './helpers/sandbox-peer.js'
import { MEBIBYTE, toJson, useSandbox } from './helpers/sandbox-use.js'

const VOICE = '437774745600005'

const use = useSandbox()

/** Each operation on a file, as the magic ids meet it. */
const operations = {
  content: (id: string) => use.content(id),
  delete: (id: string) => use.remove(`{"file_id":${id}}`),
} as const

describe.each(Object.entries(operations))('magic ids fail %s', (operation, send) => {
  it.each(Object.keys(baseFailures))('%s by that code', async (code) => {
    expect(toJson(await send(code)).base_resp.status_code).toBe(Number(code))
  })

  it.each(['401', '429', '503', '524'])('%s by that status', async (status) => {
    expect((await send(status)).status).toBe(Number(status))
  })

  it('1 by a reset, 4 by a page, 7 by a redirect, 9 by null', async () => {
    await expect(send('1')).rejects.toThrow()
    expect((await send('4')).bytes.toString()).toMatch(/^<html>/)
    expect((await send('7')).status).toBe(302)
    expect(toJson(await send('9')).file).toBeNull()
  })

  it('3 in the middle', async () => {
    if (operation === 'content') await expect(send('3')).rejects.toThrow()
    else expect((await send('3')).bytes.toString()).toMatch(/^\{"file_id":3,"[^}]*$/)
  })

  it('6 by 64 MiB', async () => {
    expect((await send('6')).bytes.length).toBe(64 * MEBIBYTE)
  })

  it('8 twice of three times, and nothing is ever gone', async () => {
    const starts: string[] = []
    await use.retrieve('8') // which counts for itself
    for (let i = 0; i < 6; i++) starts.push((await send('8')).bytes.toString('latin1', 0, 12))
    expect(starts.map((start) => start.startsWith('{"base_resp"'))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ])
    expect(use.sandbox.totals.deletions).toBe(0)
  })

  it('2 by silence, 5 byte by byte', async () => {
    const silent = send('2').catch(() => 'closed')
    const dripping = send('5').catch(() => 'closed')
    await expect.poll(() => use.sandbox.totals.calls[operation as 'content' | 'delete']).toBe(2)
    await use.sandbox.close()
    expect(await Promise.all([silent, dripping])).toEqual(['closed', 'closed'])
  })
})

describe('rules', () => {
  it('strike the operation that they name, and no other', async () => {
    use.sandbox.fault({ name: 'base', code: 1013, operation: 'list' })
    expect(toJson(await use.get(`files/retrieve?file_id=${VOICE}`)).base_resp.status_code).toBe(0)
    expect(toJson(await use.get('files/list')).base_resp.status_code).toBe(1013)
  })

  it('strike the deletion of one file, before or after it is done', async () => {
    use.sandbox.fault({ name: 'reset', operation: 'delete', id: VOICE, times: 1 })
    await expect(use.remove(`{"file_id":${VOICE}}`)).rejects.toThrow()
    expect(use.sandbox.totals.deletions).toBe(0)
    use.sandbox.fault({ name: 'lost', operation: 'delete', id: VOICE, times: 1 })
    await expect(use.remove(`{"file_id":${VOICE}}`)).rejects.toThrow()
    expect(use.sandbox.held.some(({ id }) => id === VOICE)).toBe(false)
  })

  it('strike downloads behind links', async () => {
    const link = toJson(await use.get(`files/retrieve?file_id=${VOICE}`)).file.download_url
    use.sandbox.fault({ name: 'denied', operation: 'object', times: 1 })
    expect((await ask(link)).status).toBe(403)
    use.sandbox.fault({ name: 'reset-mid-body', operation: 'object', times: 1 })
    await expect(ask(link)).rejects.toThrow()
    expect((await ask(link)).status).toBe(200)
    expect(use.sandbox.totals.calls.object).toBe(3)
    expect(use.sandbox.totals.bytes.sent).toBe(contents.wav.bytes.length)
  })

  it('answer an upload before it was read, and then read and drop it', async () => {
    use.sandbox.fault({ name: 'status', status: 401, operation: 'upload', afterBytes: 0, times: 1 })
    const body = toUpload('a.txt', Buffer.alloc(MEBIBYTE))
    const { socket, text } = beginUpload(use.sandbox, body.length)
    await expect.poll(text).toMatch(/^HTTP\/1.1 401 /)
    socket.write(Buffer.concat([body, Buffer.from(`GET /v1/files/list HTTP/1.1\r\nhost: x\r\n\r\n`)]))
    await expect.poll(text).toMatch(/HTTP\/1.1 401 [\s\S]*HTTP\/1.1 200 /)
    expect(use.sandbox.totals.uploads).toBe(0)
    socket.destroy()
  })

  it('stop reading an upload in the middle, so that its sender has to wait', async () => {
    use.sandbox.fault({ name: 'silence', operation: 'upload', afterBytes: 100_000 })
    const { socket } = beginUpload(use.sandbox, 64 * MEBIBYTE)
    expect(socket.write(Buffer.alloc(64 * MEBIBYTE))).toBe(false)
    await expect.poll(() => use.sandbox.totals.bytes.received).toBeGreaterThanOrEqual(100_000)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(use.sandbox.totals.bytes.received).toBeLessThan(MEBIBYTE)
    expect(socket.writableLength).toBeGreaterThan(0)
    socket.destroy()
  })

  it('spoil the answer of an upload that was kept', async () => {
    use.sandbox.fault({ name: 'truncate-json', operation: 'upload', times: 1 })
    const { bytes } = await use.upload(toUpload('a.txt'))
    expect(bytes.toString()).toMatch(/^\{"file":[^}]*$/)
    expect(use.sandbox.totals.uploads).toBe(1)
  })
})

type Send = (query: string, headers?: Record<string, string>) => Promise<Reply>

const toPost =
  (path: string, body: Buffer | string): Send =>
  (query, headers = {}) =>
    post(use.sandbox, path + query, body, { headers })

/** What is asked for in both dialects. */
const requests: Readonly<Record<string, Send>> = {
  upload: toPost('files/upload', toUpload('a.txt')),
  list: (query, headers) => use.get(`files/list${query}`, headers),
  content: (query, headers) => use.get(`files/retrieve_content${query}`, headers),
  delete: toPost('files/delete', `{"file_id":${VOICE}}`),
  createVideo: toPost('video_generation', '{}'),
  querySpeech: (query, headers) => use.get(`query/t2a_async_query_v2${query}`, headers),
}

describe.each(Object.entries(requests))('%s', (name, send) => {
  const model = 'model=minimax-files-retrieve'
  const id = name === 'content' ? `&file_id=${VOICE}` : ''

  it('needs a key, in both dialects', async () => {
    const missing = { authorization: '' }
    expect(toJson(await send(`?x${id}`, missing)).base_resp).toEqual({
      status_code: 1004,
      status_msg: baseFailures[1004].message,
    })
    const reply = await send(`?${model}${id}`, missing)
    expect([reply.status, toJson(reply).error.type]).toEqual([401, 'comet_api_error'])
    expect([use.sandbox.totals.uploads, use.sandbox.totals.deletions]).toEqual([0, 0])
  })

  it('refuses a foreign group', async () => {
    expect(toJson(await send(`?GroupId=1${id}`)).base_resp.status_msg).toBe('token not match group')
  })

  it.each([
    ['404', 404, 'application/json; charset=utf-8'],
    ['html', 200, 'text/html; charset=utf-8'],
    ['redirect', 301, undefined],
  ] as const)('is not sold, as %s', async (unsold, status, type) => {
    use.sandbox.behave({ sold: ['retrieve'], unsold })
    const reply = await send(`?${model}${id}`)
    expect([reply.status, reply.headers['content-type']]).toEqual([status, type])
    expect([use.sandbox.totals.uploads, use.sandbox.totals.deletions]).toEqual([0, 0])
  })

  it('may need a model, if it is about files', async () => {
    use.sandbox.behave({ needsModel: true })
    const reply = await send(`?x${id}`)
    if (['createVideo', 'querySpeech'].includes(name)) expect(reply.status).toBe(200)
    else expect(toJson(reply).error.message).toMatch(/^model name is required \(request id: /)
    expect((await send(`?${model}${id}`)).status).toBe(200)
  })
})
