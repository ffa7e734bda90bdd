// What is said of a file's bytes: its type, by how it begins, and its name.
import { describe, expect, it } from 'vitest'
import { toDisposition } from '../src/http/bytes/disposition.js'
import { createKnownTypes, toMediaType, UNKNOWN } from '../src/http/bytes/type.js'
import { contents } from '../src/sandbox/content.js'
import { decodeMp3 } from '../src/sandbox/media/mp3.js'

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')

describe('the type', () => {
  it.each([
    ['image/png', contents.png.bytes],
    ['image/jpeg', bytes('\xff\xd8\xff\xe0\x00\x10JFIF')],
    ['image/gif', bytes('GIF89a\x01\x00')],
    ['image/webp', bytes('RIFF\x00\x00\x00\x00WEBPVP8 ')],
    ['audio/wav', contents.wav.bytes],
    ['video/mp4', contents.mp4.bytes],
    ['video/webm', bytes('\x1a\x45\xdf\xa3\x93\x42\x82\x88webm')],
    ['audio/mpeg', decodeMp3()],
    ['audio/mpeg', bytes('ID3\x04\x00')],
    ['audio/mpeg', bytes('\xff\xfb\x90\x00')],
  ])('%s is shown inline', (name, start) => {
    expect(toMediaType(start.subarray(0, 512))).toEqual({ name, isInline: true })
  })

  it.each([
    ['text/plain; charset=utf-8', Buffer.from('文件')],
    ['text/plain; charset=utf-8', Buffer.from('文件').subarray(0, 4)],
    ['text/plain; charset=utf-8', bytes('<html><script>alert(1)</script>')],
    ['text/plain; charset=utf-8', bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['text/plain; charset=utf-8', bytes('{"a":1}\r\n')],
    ['application/octet-stream', bytes('%PDF-1.7\n\x00\xff')],
    ['application/octet-stream', bytes('PK\x03\x04')],
    ['application/octet-stream', bytes('\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska')],
    ['application/octet-stream', bytes('\xff\xfe<\x00')],
    ['application/octet-stream', bytes('latin \xe9t\xe9 ')],
    ['application/octet-stream', contents.tar.bytes],
    ['application/octet-stream', bytes('')],
  ])('%s is for saving only', (name, start) => {
    expect(toMediaType(start.subarray(0, 512))).toEqual({ name, isInline: false })
  })

  it('is remembered of the last files, and of no more', () => {
    const known = createKnownTypes(2)
    for (const key of ['a', 'b', 'a', 'c']) known.set(key, UNKNOWN)
    expect(['a', 'b', 'c'].map((key) => known.get(key) !== undefined)).toEqual([true, false, true])
  })
})

describe('the name', () => {
  it.each([
    ['a.mp4', 'a.mp4'],
    [null, '42'],
    ['', '42'],
    ['..', '42'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\a.exe', 'a.exe'],
    ['.htaccess', 'htaccess'],
    ['a"; filename="x.exe', 'a_; filename=_x.exe'],
    ['a\r\nset-cookie: b=c', 'aset-cookie_ b=c'],
    ['a\u0000b', 'ab'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['文件.mp4', '文件.mp4'],
    ['🎬.mp4', '🎬.mp4'],
    ['100%25.txt', '100%25.txt'],
  ])('%j is saved as %j', (filename, expected) => {
    const header = toDisposition(filename, '42', false)
    expect(header).toMatch(
      /^attachment; filename="[\x20\x21\x23-\x7e]*"(?:; filename\*=UTF-8''[\w%.!~*'()+&^`|$#{}-]+)?$/,
    )
    const [, encoded] = /filename\*=UTF-8''(.*)$/.exec(header) ?? []
    const [, plain] = /filename="([^"]*)"/.exec(header) ?? []
    expect(encoded === undefined ? plain : decodeURIComponent(encoded)).toBe(expected)
  })

  it('keeps its ending, and to what file systems take', () => {
    const header = toDisposition(`${'文'.repeat(2000)}.mp4`, '42', true)
    const name = decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(header)?.[1] ?? '')
    expect(name).toMatch(/^文+\.mp4$/)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(150)
    expect(header).toMatch(/^inline; /)
  })
})
