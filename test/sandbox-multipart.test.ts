// The sandbox's reader of forms, on its own: whatever the pieces that a body comes in, and whatever is wrong with it.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMultipartParser, parseBoundary } from '../src/sandbox/files/multipart.js'

const BOUNDARY = 'XyZ'

type Part = { readonly head: string; readonly bytes: Buffer }

function toBody(parts: readonly Part[], end = `\r\n--${BOUNDARY}--\r\n`): Buffer {
  const pieces = parts.flatMap(({ head, bytes }, at) => [
    Buffer.from(`${at === 0 ? '' : '\r\n'}--${BOUNDARY}\r\n${head}\r\n\r\n`),
    bytes,
  ])
  return Buffer.concat([...pieces, Buffer.from(end)])
}

/** What the parser makes of a body that comes in pieces of these sizes, over and over. */
function parse(body: Buffer, sizes: readonly number[] = [body.length]) {
  const parser = createMultipartParser(BOUNDARY)
  const parts: { name: string; filename: string | undefined; bytes: Buffer; ended: boolean }[] = []
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    for (const event of parser.push(body.subarray(at, at + size))) {
      const last = parts.at(-1)
      if (event.kind === 'head') parts.push({ ...event, bytes: Buffer.alloc(0), ended: false })
      else if (last && event.kind === 'data') last.bytes = Buffer.concat([last.bytes, event.bytes])
      else if (last) last.ended = true
    }
    at += size
  }
  parser.end()
  return parts
}

const named = (name: string, rest = '') => `Content-Disposition: form-data; name="${name}"${rest}`

describe('a form', () => {
  it('is read the same whatever the pieces that it comes in', () => {
    // Data that is full of what boundaries begin with.
    const data = fc
      .array(fc.constantFrom('\r', '\n', '-', 'X', 'y', '\r\n--Xy', '\r\n--', 'a'))
      .map((words) => Buffer.from(words.join('')))
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(data, data, sizes, (first, second, sizes) => {
        const body = toBody([
          { head: named('purpose'), bytes: first },
          { head: named('file', '; filename="a.txt"\r\nContent-Type: text/plain'), bytes: second },
        ])
        const parts = parse(body, sizes)
        expect(parts.map(({ name, filename, ended }) => [name, filename, ended])).toEqual([
          ['purpose', undefined, true],
          ['file', 'a.txt', true],
        ])
        expect(parts.map(({ bytes }) => bytes.toString())).toEqual([first.toString(), second.toString()])
      }),
    )
  })

  it.each([
    ['raw UTF-8', 'filename="文件 é.mp4"', '文件 é.mp4'],
    ['a path, of which the last part counts', 'filename="../../etc/x.wav"', 'x.wav'],
    ['an escaped quote', 'filename="a\\"b.txt"', 'a"b.txt'],
    ['a semicolon inside', 'filename="a;b.txt"', 'a;b.txt'],
    ['nothing', 'filename=""', ''],
  ])('has a file named by %s', (_, parameter, filename) => {
    const [part] = parse(toBody([{ head: named('file', `; ${parameter}`), bytes: Buffer.from('x') }]))
    expect(part).toMatchObject({ name: 'file', filename })
  })

  it.each([
    ['nothing at all', Buffer.alloc(0), 'EOF'],
    ['another boundary', Buffer.from('--abc\r\n'), 'expecting a new Part'],
    ['something before the boundary', Buffer.from(`x\r\n--${BOUNDARY}\r\n`), 'expecting a new Part'],
    ['no last boundary', toBody([{ head: named('file'), bytes: Buffer.from('x') }], ''), 'EOF'],
    ['a head cut off', Buffer.from(`--${BOUNDARY}\r\nContent-Disp`), 'EOF'],
    ['a part without a name', toBody([{ head: 'X: y', bytes: Buffer.alloc(0) }]), 'malformed MIME header'],
    ['a head that never ends', Buffer.from(`--${BOUNDARY}\r\nX: ${'y'.repeat(9_000)}`), 'too large'],
    ['a head that is too long', toBody([{ head: 'y'.repeat(9_000), bytes: Buffer.alloc(0) }]), 'too large'],
    [
      'too many parts',
      toBody(Array.from({ length: 17 }, () => ({ head: named('a'), bytes: Buffer.alloc(0) }))),
      'too many parts',
    ],
  ])('is refused with %s', (_, body, message) => {
    expect(() => parse(body, [7])).toThrow(message)
  })

  it('ends where its last boundary does', () => {
    const body = toBody([{ head: named('a'), bytes: Buffer.from('b') }], `\r\n--${BOUNDARY}--\r\nmore of it`)
    expect(parse(body, [3])).toMatchObject([{ name: 'a', ended: true }])
  })
})

it.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data;boundary="a b"', 'a b'],
  ['Multipart/Form-Data; charset=utf-8; boundary=x-_1', 'x-_1'],
  ['multipart/form-data', undefined],
  ['multipart/mixed; boundary=abc', undefined],
  ['application/json', undefined],
  [undefined, undefined],
])('the boundary of %s is %s', (type, boundary) => {
  expect(parseBoundary(type)).toBe(boundary)
})
