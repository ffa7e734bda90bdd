import { describe, expect, it } from 'vitest'
import { parseFileId } from '../src/file.js'

describe('parseFileId', () => {
  it.each(['1', '335560631603474', '9007199254740993', '9223372036854775807'])('takes %s as it is', (id) => {
    expect(parseFileId(id)).toBe(id)
  })

  it('takes a number that a double holds exactly', () => {
    expect(parseFileId(335560631603474)).toBe('335560631603474')
    expect(parseFileId(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991')
  })

  it.each([
    '',
    '0',
    '-1',
    '+1',
    '007',
    '1e3',
    '1.0',
    'abc',
    ' 1',
    '1 ',
    '1\n',
    '0x10',
    '１２',
    '٣',
    '9223372036854775808',
    '10000000000000000000',
    '9'.repeat(1_000_000),
    '1\r\nDEL *',
    9007199254740992,
    1.5,
    -1,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    null,
    undefined,
    true,
    {},
    ['1'],
  ])('refuses %s', (value) => {
    expect(parseFileId(value)).toBeUndefined()
  })
})
