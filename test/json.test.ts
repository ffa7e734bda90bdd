import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../src/wire/json.js'
import { measureCpuMs } from './helpers/cpu.js'

describe('exact JSON', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['999999999999999', 999999999999999],
    ['1000000000000000', 1_000_000_000_000_000],
    ['9007199254740991', 2 ** 53 - 1],
    ['-9007199254740991', 1 - 2 ** 53],
    ['9007199254740992', '9007199254740992'],
    ['-999999999999999', -999999999999999],
    ['0', 0],
    ['-0', -0],
    ['1e3', '1e3'],
    ['1E+3', '1E+3'],
    ['1.5', '1.5'],
    ['9007199254740993.0', '9007199254740993.0'],
    ['-1.5e-10', '-1.5e-10'],
    [' 1e400 ', '1e400'],
    ['{"file_id":9007199254740993,"bytes":10}', { file_id: '9007199254740993', bytes: 10 }],
    ['[1,2.0,[3e0]]', [1, '2.0', ['3e0']]],
    ['{"a":"9007199254740993 1.5"}', { a: '9007199254740993 1.5' }],
    ['{"9007199254740993":9007199254740993}', { '9007199254740993': '9007199254740993' }],
    ['{"1.5" : 1.5 , "b":[]}', { '1.5': '1.5', b: [] }],
    [String.raw`["\"",1.5,"\\",2.5,"\\\"1.5\\\\",3.5]`, ['"', '1.5', '\\', '2.5', '\\"1.5\\\\', '3.5']],
    ['[true,false,null,1.5]', [true, false, null, '1.5']],
    ['{"a":1,"a":2.5}', { a: '2.5' }],
    ['"文件 1.5"', '文件 1.5'],
    ['\uFEFF{"a":1.5}', { a: '1.5' }],
    ['\uFEFF7', 7],
  ])('reads %s', (text, value) => {
    expect(parseExactJson(text)).toEqual(value)
  })

  it.each([
    '',
    ' ',
    '007',
    '-007',
    '00000000000000000001',
    '0123456789012345678',
    '-',
    '--1.5',
    '+1.5',
    '.5',
    '1.',
    '1.5.5',
    '1e',
    '1e+',
    '1.5e3.2',
    '12-34',
    '1234567890123456789-1',
    '1.5x',
    'x1.5',
    '0x1F',
    '1_000',
    'NaN',
    'Infinity',
    '-Infinity',
    '{1.5:1}',
    '{9007199254740993 : 1}',
    '{1.5\n\t :1}',
    '{"a":1.5:2}',
    '[1.5 2.5]',
    '[1.5"a"]',
    '["a"1.5]',
    '[1.5,]',
    '{"a":1.5,}',
    '"1.5',
    String.raw`"1.5\"`,
    '"a\n1.5"',
    "'1.5'",
    '[1.5] // no',
    ' \uFEFF1.5',
    '1.5\uFEFF',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(() => parseExactJson(text)).toThrow(SyntaxError)
  })

  it('says nothing of the text in its error', () => {
    expect(() => parseExactJson('{"url":"https://signed/secret",}')).toThrow(/^The text is not JSON\.$/)
  })

  it('keeps __proto__ an own key, and the prototype as it was', () => {
    const value = parseExactJson('{"__proto__":{"x":1.5}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
})

describe('exact JSON under one member', () => {
  it.each([
    [
      '{"variables":{"id":1.0},"extensions":{"version":1.0}}',
      { variables: { id: '1.0' }, extensions: { version: 1 } },
    ],
    [
      '{"extensions":{"version":1.0},"variables":{"id":1e3}}',
      { extensions: { version: 1 }, variables: { id: '1e3' } },
    ],
    [
      '{"a":[1.5,{"variables":2.5}],"variables" : 3.5,"b":4.5}',
      { a: [1.5, { variables: 2.5 }], variables: '3.5', b: 4.5 },
    ],
    ['{"variables":[[1.5],{"extensions":2.5}]}', { variables: [['1.5'], { extensions: '2.5' }] }],
    ['{"a":"variables","b":1.5}', { a: 'variables', b: 1.5 }],
    [String.raw`{"v\u0061riables":{"id":1.5}}`, { variables: { id: '1.5' } }],
    ['{"extensions":9007199254740993}', { extensions: '9007199254740993' }],
    ['["variables",1.5]', ['variables', 1.5]],
    ['1.5', 1.5],
  ])('reads %s', (text, value) => {
    expect(parseExactJson(text, 'variables')).toEqual(value)
  })
})

/** A value in this file's own JSON: the text, and what is expected of it. */
type Sample = { readonly text: string; readonly value: unknown }

const whitespace = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
const digits = fc.stringMatching(/^(0|[1-9]\d{0,24})$/)
const numeral = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.stringMatching(/^(\.\d{1,4})?$/),
    fc.stringMatching(/^([eE][+-]?\d{1,3})?$/),
  )
  .map((parts) => parts.join(''))
  .map(
    (text): Sample => ({
      text,
      value: /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text,
    }),
  )

const unit = fc.constantFrom(
  '\\',
  '"',
  '/',
  '1.5',
  '12345678901234567890',
  ',',
  ':',
  '{',
  '}',
  '\n',
  '\u2028',
  'é',
  '\ud83d',
)
const stringText = fc.oneof(
  fc.array(unit).map((units) => units.join('')),
  fc.string({ unit: 'binary' }),
)
const escaped = (text: string) =>
  `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
const string = fc
  .tuple(stringText, fc.boolean())
  .map(([value, isEscaped]): Sample => ({ value, text: isEscaped ? escaped(value) : JSON.stringify(value) }))

const sample = fc.letrec<{ any: Sample; array: Sample; object: Sample }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    numeral,
    string,
    fc.constantFrom(true, false, null).map((value): Sample => ({ value, text: String(value) })),
    tie('array'),
    tie('object'),
  ),
  array: fc.tuple(whitespace, fc.array(tie('any'))).map(
    ([gap, items]): Sample => ({
      text: `[${gap}${items.map(({ text }) => gap + text + gap).join(',')}]`,
      value: items.map(({ value }) => value),
    }),
  ),
  object: fc.tuple(whitespace, fc.array(fc.tuple(string, tie('any')))).map(
    ([gap, entries]): Sample => ({
      text: `{${gap}${entries.map(([key, { text }]) => `${key.text}${gap}:${gap}${text}${gap}`).join(',')}}`,
      value: Object.fromEntries(entries.map(([key, { value }]) => [key.value, value])),
    }),
  ),
})).any

describe('exact JSON, for any text', () => {
  it('differs from JSON.parse in those numbers only', () => {
    fc.assert(
      fc.property(sample, ({ text, value }) => {
        JSON.parse(text)
        expect(parseExactJson(text)).toEqual(value)
      }),
      { numRuns: 2000 },
    )
  })

  it('accepts and refuses what JSON.parse accepts and refuses', () => {
    const token = fc.constantFrom(
      ...'{}[],:"\\ -+.eE0179xtn'.split(''),
      '1.5',
      '1e9',
      '12345678901234567',
      'true',
      'null',
      '"a"',
    )
    const mutilated = fc.tuple(sample, fc.nat(), token).map(([{ text }, at, extra]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + extra + text.slice(cut + (at % 2))
    })
    const accepts = (parse: (text: string) => unknown, text: string) => {
      try {
        parse(text)
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
        return false
      }
    }
    const soup = fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, mutilated), (text) => {
        expect(accepts(parseExactJson, text)).toBe(accepts(JSON.parse, text))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('exact JSON, for hostile texts of 1 MiB', () => {
  const MiB = 2 ** 20
  const pad = (unit: string) => unit.repeat(Math.ceil(MiB / unit.length)).slice(0, MiB)
  const list = (unit: string) => `[${`${unit},`.repeat(MiB / (unit.length + 1))}0]`

  it.each([
    ['digits', pad('7')],
    ['digits and dots', pad('1.')],
    ['minus signs', pad('-')],
    ['exponents', pad('1e')],
    ['quotes', pad('"')],
    ['backslashes', pad('\\')],
    ['an unterminated string', `"${pad('a')}`],
    ['an unterminated string of backslashes', `"${pad('\\')}`],
    ['an unterminated string of escaped quotes', `"${pad('\\"')}`],
    ['a string of escaped quotes', `"${pad('\\"')}"`],
    ['a string of backslashes', `"${pad('\\\\')}"`],
    ['unterminated strings after numbers', pad('1.5"')],
    ['fractions', list('1.5')],
    ['big integers', list('12345678901234567890')],
    ['small integers', list('1')],
    ['strings and fractions', list('"1.5",1.5')],
    ['a number, then blanks', `1.5${pad(' ')}`],
    ['numbers between blanks', pad('1.5   ')],
    ['open brackets', pad('[')],
    ['open objects', pad('{"a":')],
    ['nested arrays', '['.repeat(MiB / 2) + ']'.repeat(MiB / 2)],
    ['nested arrays with a fraction', `${'['.repeat(MiB / 2)}1.5${']'.repeat(MiB / 2)}`],
  ])('is done with %s in a blink, and never crashes', async (_, text) => {
    let error: unknown
    const spentMs = await measureCpuMs(() => {
      try {
        parseExactJson(text)
      } catch (thrown) {
        error = thrown
      }
    })
    expect(spentMs).toBeLessThan(1000)
    if (error !== undefined) expect(error).toBeInstanceOf(SyntaxError)
  })
})
