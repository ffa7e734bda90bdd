import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { File, FileId, Files } from '../src/file.js'
import { createLoader } from '../src/loader.js'
import { createCall, noTasks } from './helpers/source.js'

const call = createCall()
const id = (text: string) => text as FileId

function createFakeSource(failing: ReadonlySet<string> = new Set()) {
  const asked: string[] = []
  const source: Files['find'] = async (fileId) => {
    asked.push(fileId)
    if (failing.has(fileId)) throw new FileError('FILE_NOT_FOUND')
    return { file: { id: fileId } as File, freshUntilMs: 0 }
  }
  return { asked, source }
}

describe('createLoader', () => {
  it('asks once for a file that is named many times, now or later', async () => {
    const { asked, source } = createFakeSource()
    const loader = createLoader({ find: source, findTask: noTasks.find }, call, { maxLookups: 5 })
    await Promise.all(Array.from({ length: 20 }, () => loader.load(id('1'))))
    await loader.load(id('1'))
    expect(asked).toEqual(['1'])
  })

  it('keeps a failure to its own id, and to one call', async () => {
    const { asked, source } = createFakeSource(new Set(['2']))
    const loader = createLoader({ find: source, findTask: noTasks.find }, call, { maxLookups: 5 })
    const outcomes = await Promise.allSettled(['1', '2', '3', '2'].map((text) => loader.load(id(text))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect(asked).toEqual(['1', '2', '3'])
  })

  it('asks for as many files as allowed, and for none of one more', async () => {
    const { asked, source } = createFakeSource()
    const load = (count: number) => {
      const loader = createLoader({ find: source, findTask: noTasks.find }, call, { maxLookups: 3 })
      return Promise.allSettled(
        Array.from({ length: count }, (_, index) => loader.load(id(String(index + 1)))),
      )
    }
    expect((await load(3)).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(asked).toHaveLength(3)
    const refused = await load(4)
    expect(refused.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(
      Array(4).fill('TOO_MANY_LOOKUPS'),
    )
    expect(asked).toHaveLength(3)
  })

  it('passes on what a broken source throws as an error', async () => {
    const loader = createLoader({ find: () => Promise.reject('a string'), findTask: noTasks.find }, call, {
      maxLookups: 3,
    })
    await expect(loader.load(id('1'))).rejects.toBeInstanceOf(Error)
  })
})
