// What one operation carries, apart from what runs it.
import { expect, it } from 'vitest'
import type { FileId } from '../src/file.js'
import { createContext } from '../src/graphql/context.js'
import {
  createAsker,
  createFile,
  noContentLinks,
  noCreations,
  noTasks,
  noTicketsToUpload,
  toFiles,
  toId,
} from './helpers/source.js'

it('begins no look-up once the response is made, not even one that was asked for before', async () => {
  const asked: FileId[] = []
  const find = async (id: FileId) => {
    asked.push(id)
    return { file: createFile(id), freshUntilMs: 0 }
  }
  const caller = { requestId: 'r-1', asker: createAsker(), mayWrite: true, name: null, report() {} }
  const { files, trail, end } = createContext(toFiles(find), caller, {
    tasks: noTasks,
    creations: noCreations,
    maxLookups: 10,
    contentLinks: noContentLinks,
    uploading: noTicketsToUpload,
    nowMs: Date.now,
    audit() {},
    takeStream: () => false,
    takeTurn: async () => {},
  })
  await files.load(toId('1'))
  const late = [files.load(toId('1')), files.load(toId('2'))]
  end()
  const outcomes = await Promise.allSettled([...late, files.load(toId('3'))])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect([asked, trail.lookups]).toEqual([['1'], 1])
})
