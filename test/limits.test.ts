// How large an operation may be: each limit at its edge, on a schema that any document fits.
import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { limitRule } from '../src/graphql/limits.js'

const schema = buildSchema('directive @d on FIELD | QUERY type Query { a: Query b: Int }')

/** The codes of the limits that the document is over; any other error fails the test. */
function findLimits(document: string): unknown[] {
  const errors = validate(schema, parse(document), [...specifiedRules, limitRule])
  return errors.map(({ message, extensions }) => extensions.validationErrorCode ?? message)
}

/** `a` within `a`, so many fields deep with the `b` at the end. */
const nest = (depth: number, end = 'b') => `${'{ a '.repeat(depth - 1)}{ ${end} }${' }'.repeat(depth - 1)}`
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ')

describe('an operation', () => {
  it('may be 10 fields deep', () => {
    expect(findLimits(nest(10))).toEqual([])
    expect(findLimits(nest(11))).toEqual(['MAX_DEPTH_EXCEEDED'])
  })

  it('is as deep as the fragments in it make it', () => {
    const fragments = `fragment F on Query ${nest(5, '...G')} fragment G on Query ${nest(3)}`
    expect(findLimits(`${nest(4, '... { ...F }')} ${fragments}`)).toEqual([])
    expect(findLimits(`${nest(5, '... { ...F }')} ${fragments}`)).toEqual(['MAX_DEPTH_EXCEEDED'])
  })

  it('may introspect as deep as tools do', () => {
    expect(findLimits(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }))).toEqual([])
  })

  it('may have 30 aliases, those at its root included', () => {
    expect(findLimits(`{ ${times(30, (i) => `a${i}: b`)} }`)).toEqual([])
    expect(findLimits(`{ ${times(31, (i) => `a${i}: b`)} }`)).toEqual(['MAX_ALIASES_EXCEEDED'])
    expect(findLimits(`{ x: a { ${times(30, (i) => `a${i}: b`)} } }`)).toEqual(['MAX_ALIASES_EXCEEDED'])
  })

  it('has the aliases of a fragment at each use of it', () => {
    const fragment = 'fragment F on Query { x: b y: b z: b }'
    expect(findLimits(`{ ${times(10, () => 'a { ...F }')} } ${fragment}`)).toEqual([])
    expect(findLimits(`{ ${times(11, () => 'a { ...F }')} } ${fragment}`)).toEqual(['MAX_ALIASES_EXCEEDED'])
  })

  it('may have 30 directives, wherever they stand', () => {
    const fields = (count: number) => times(count, () => 'b @d')
    expect(findLimits(`query @d { ${fields(29)} }`)).toEqual([])
    expect(findLimits(`query @d { ${fields(30)} }`)).toEqual(['MAX_DIRECTIVES_EXCEEDED'])
    expect(findLimits(`{ ... @include(if: true) { ${fields(30)} } }`)).toEqual(['MAX_DIRECTIVES_EXCEEDED'])
    const fragment = `fragment F on Query { ${fields(15)} }`
    expect(findLimits(`{ ...F ...F } ${fragment}`)).toEqual([])
    expect(findLimits(`{ ...F ...F @include(if: true) } ${fragment}`)).toEqual(['MAX_DIRECTIVES_EXCEEDED'])
  })

  it('is measured by itself where a document holds several', () => {
    expect(findLimits(times(5, (i) => `query Q${i} { ${times(30, (j) => `a${j}: b`)} }`))).toEqual([])
  })

  it('is not measured for ever where a fragment is within itself', () => {
    expect(findLimits('{ ...F } fragment F on Query { a { ...G } } fragment G on Query { ...F }')).toEqual([
      'Cannot spread fragment "F" within itself via "G".',
    ])
  })
})
