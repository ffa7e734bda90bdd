// Bodies are read by the engine's own parser where that makes no difference, which no client may notice.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseExactJson } from '../src/wire/json.js'
import { parseQuickly } from '../src/wire/quick.js'

const integers = fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }).map(String)
const numbers = fc.oneof(
  integers,
  integers.map((digits) => `${digits}.0`),
  fc.tuple(integers, fc.nat(400)).map(([digits, exponent]) => `${digits}e${exponent}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.nat(10 ** 15).map(String),
)
const blanks = fc.stringMatching(/^[ \t\n\r]{0,2}$/)
const strings = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    numbers,
    numbers.map((each) => `: ${each}`),
  )
  .map((text) => JSON.stringify(text))

/** Texts of JSON with every kind of number at every place where one may stand. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc
    .tuple(
      blanks,
      fc.oneof(
        { depthSize: 'small' },
        numbers,
        strings,
        fc.constantFrom('true', 'false', 'null'),
        fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
        fc
          .array(fc.tuple(strings, tie('value')))
          .map((members) => `{${members.map(([key, item]) => `${key}:${item}`).join(',')}}`),
      ),
      blanks,
    )
    .map((parts) => parts.join('')),
}))

it('reads every text as the exact reader does', () => {
  fc.assert(
    fc.property(value, (text) => {
      const body = `{"variables":${text}}`
      expect(parseQuickly(body)).toEqual(parseExactJson(body))
    }),
    { numRuns: 2000 },
  )
})

it.each(['', '{', '{"a":1,}', '\ufeff{}', '{"a":01}', '{"a":1e}', '{"a":9007199254740993x}'])(
  'refuses %j',
  (text) => {
    expect(() => parseQuickly(text)).toThrow(SyntaxError)
  },
)
