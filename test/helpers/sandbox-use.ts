// A sandbox for each test of a file, with a clock that stands still and a folder that must be empty in the end.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { post, toUpload } from './sandbox-form.js'
import { ask, type Reply } from './sandbox-peer.js'

export const MEBIBYTE = 1_048_576

/** What all uploads may take in these tests. */
export const MAX_UPLOAD_BYTES = 32 * MEBIBYTE

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer should have
export type Json = any

export function toJson({ bytes }: Reply): Json {
  return JSON.parse(bytes.toString())
}

export const invalid = (problem: string) => ({ status_code: 2013, status_msg: `invalid params, ${problem}` })

const headers = { authorization: 'Bearer any-key' }
type Headers = Record<string, string>

export function useSandbox() {
  let nowMs = 0
  let folder = ''
  let sandbox: Sandbox

  beforeEach(async () => {
    nowMs = Date.parse('2026-10-09T12:00:00Z')
    folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
    sandbox = await createSandbox({
      now: () => nowMs,
      temporaryFolder: folder,
      maxUploadBytes: MAX_UPLOAD_BYTES,
    })
  })
  afterEach(async () => {
    await sandbox.close()
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })

  const get = (path: string, more: Headers = {}, method = 'GET') =>
    ask(`${sandbox.url}/v1/${path}`, { method, headers: { ...headers, ...more } })
  const upload = (body: Buffer, more: Headers = {}) => post(sandbox, 'files/upload', body, { headers: more })

  return {
    get sandbox() {
      return sandbox
    },
    pass(ms: number): void {
      nowMs += ms
    },
    get,
    upload,
    retrieve: (id: string) => get(`files/retrieve?file_id=${id}`),
    content: (id: string, more: Headers = {}, method = 'GET') =>
      get(`files/retrieve_content?file_id=${id}`, more, method),
    remove: (body: string) => post(sandbox, 'files/delete', body),

    /** The id of a file that was taken. */
    async uploadFile(filename: string, bytes: Buffer | string = 'some bytes', purpose = 'retrieval') {
      return String(toJson(await upload(toUpload(filename, bytes, purpose))).file.file_id)
    },

    isHeld: (id: string) => sandbox.held.some((file) => file.id === id),

    /** How many files lie on disk. */
    countOnDisk: () =>
      readdirSync(folder).reduce((sum, name) => sum + readdirSync(join(folder, name)).length, 0),
  }
}
