import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseExactJson } from '../src/wire/json.js'
import { parseLongJson } from '../src/wire/long-json.js'

async function read(text: string) {
  const taken: unknown[] = []
  const rest = await parseLongJson(text, 'files', (element) => taken.push(element))
  return { taken, rest }
}

/** What it makes of a text, or that it is no JSON. */
const tryRead = (text: string) => read(text).catch(() => 'no JSON')

it('takes each element of the list in order, and gives back the rest with the list empty', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.jsonValue(), async (files, more) => {
      const text = JSON.stringify({ more, files, base_resp: { status_code: 0 } })
      const { taken, rest } = await read(text)
      // Another list of that name may stand in the rest, before it.
      if (text.indexOf('"files"') !== text.lastIndexOf('"files"')) return
      expect(taken).toEqual((parseExactJson(text) as { files: unknown[] }).files)
      expect(rest).toEqual({ ...(parseExactJson(text) as object), files: [] })
    }),
  )
})

it('reads the same over many parts, with ids exact and whatever may look like an end within a text', async () => {
  const element = (i: number) => `{"id":9007199254740993,"n":${i},"t":"]},\\"[{,","l":[1,[2]]}`
  const text = `{"files":[${Array.from({ length: 20_000 }, (_, i) => element(i)).join(' ,\n')}]}`
  const { taken, rest } = await read(text)
  expect(taken).toHaveLength(20_000)
  expect(taken[12_345]).toEqual({ id: '9007199254740993', n: 12_345, t: ']},"[{,', l: [1, [2]] })
  expect(rest).toEqual({ files: [] })
})

it('refuses what is no JSON, wherever it goes wrong', async () => {
  const long = Array.from({ length: 40_000 }, () => '1').join(',')
  const texts = [
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1',
    '[1}',
    '[{]',
    `[${long},]`,
    `[${long},,1]`,
    `[${long}`,
    `[${long} x]`,
  ]
  for (const list of texts) expect(await tryRead(`{"files":${list}}`), list.slice(-20)).toBe('no JSON')
  expect(await tryRead('{"files":[1]} x')).toBe('no JSON')
  expect(await tryRead('')).toBe('no JSON')
})

it('reads what has no list as any other text', async () => {
  for (const text of ['{"files":null}', '{"file":1}', '"files"', '[]', '{"a":"files","b":[1]}'])
    expect(await read(text)).toEqual({ taken: [], rest: parseExactJson(text) })
})
