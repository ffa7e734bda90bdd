// Random operations over the schema: most of them are in order, some are off in one way or another.
import type { Chance } from './random.js'

/** Some files are fresh in memory, some are not, some are missing, some fail, some are off: see `world.ts`. */
export const IDS = Array.from({ length: 24 }, (_, index) => String(1001 + index)).concat(
  '9223372036854775807',
  '9007199254740993',
)
const ODD_IDS = ['0', '-1', 'x', '', '01', '9223372036854775808', '1e3', ' 1001']
const NAMES = ['Op0', `Op1${'_'.repeat(70)}`]
const PURPOSES = ['VIDEO_GENERATION', 'RETRIEVAL', 'OTHER'] as const

const FILE = [
  ...['id', 'filename', 'bytes', 'createdAt', 'purpose', 'purposeName', 'downloadUrl'],
  ...['backupDownloadUrl', 'downloadUrlExpiresAt', '__typename'],
]
const ERROR = ['code', 'message', 'retryable', 'retryAfterSeconds', 'requestId', '__typename']

/** A variable's type, what it holds by default, and what a request may give it; texts are JSON, or GraphQL. */
type Variable = {
  readonly name: string
  readonly type: string
  readonly fallback?: string | undefined
  readonly give: () => string | undefined
}

export type Operation = {
  readonly query: string
  readonly names: readonly string[]
  /** JSON of variables, anew each time. */
  readonly give: () => string
}

export function createOperation(chance: Chance): Operation {
  const writer = createWriter(chance)
  const count = chance.is(0.1) ? 2 : 1
  const operations = Array.from({ length: count }, (_, index) =>
    writer.operation(index, count > 1 || chance.is(0.5)),
  )
  const query = [...operations, ...writer.fragments()].join(chance.is(0.5) ? ' ' : '\n')
  return {
    query: chance.is(0.02) ? query.slice(0, -1) : query,
    names: NAMES.slice(0, count),
    give: () => writer.give(),
  }
}

function createWriter(chance: Chance) {
  const all = new Map<string, Variable>()
  let used = new Set<Variable>()
  const fragments = new Map<string, string>()
  let aliases = 0

  function variable(kind: string, make: () => Omit<Variable, 'name'>): string {
    const same = [...all.values()].filter(({ name }) => name.startsWith(`${kind}_`))
    const known = chance.is(0.4) && same.length > 0 ? chance.pick(same) : undefined
    const one = known ?? { name: `${kind}_${all.size}`, ...make() }
    all.set(one.name, one)
    used.add(one)
    return `$${one.name}`
  }

  const right =
    <T>(make: () => T, wrong: readonly (T | undefined)[]) =>
    (): T | undefined =>
      chance.is(0.97) ? make() : chance.pick(wrong)

  const anyId = () => (chance.is(0.99) ? chance.pick(IDS) : chance.pick(ODD_IDS))
  /** As a string or as a number, which may be one that a double would round. */
  const jsonId = () => {
    const id = anyId()
    return /^[1-9]\d*$/.test(id) && chance.is(0.3) ? id : JSON.stringify(id)
  }
  const idLiteral = jsonId
  const list = (most: number, make: () => string) => `[${chance.times(most, make).join(', ')}]`

  function id(): string {
    if (chance.is(0.4)) return idLiteral()
    if (chance.is(0.2))
      return variable('d', () => ({
        type: 'ID',
        fallback: idLiteral(),
        give: right<string | undefined>(() => (chance.is(0.5) ? undefined : jsonId()), ['null', '{}', '1.5']),
      }))
    return variable('i', () => ({
      type: 'ID!',
      fallback: chance.is(0.1) ? idLiteral() : undefined,
      give: right(jsonId, ['null', 'true', undefined, '["1"]', '1.5', '1e3']),
    }))
  }

  function ids(): string {
    if (chance.is(0.3)) return list(5, id)
    if (chance.is(0.1)) return idLiteral()
    const type = chance.pick(['[ID!]!', '[ID!]'])
    return variable('l', () => ({
      type,
      fallback: type === '[ID!]' || chance.is(0.1) ? list(3, idLiteral) : undefined,
      give: right(
        () => list(chance.is(0.05) ? 60 : 6, jsonId),
        ['null', '"1001"', '[null]', '[["1"]]', '{}', undefined],
      ),
    }))
  }

  function purpose(): string {
    if (chance.is(0.8)) return ''
    if (chance.is(0.5)) return `, purpose: ${chance.is(0.6) ? 'VIDEO_GENERATION' : chance.pick(PURPOSES)}`
    const give = right<string | undefined>(
      () => chance.pick(['"VIDEO_GENERATION"', 'null', undefined]),
      ['"RETRIEVAL"', '"OTHER"', '"NONE"', '1'],
    )
    return `, purpose: ${variable('p', () => ({ type: chance.pick(['FilePurpose', 'FilePurpose!']), give }))}`
  }

  /** As JSON or as GraphQL, whose names have no quotes. */
  function representation(quote: (key: string) => string, value: () => string): string {
    const typename = chance.is(0.97) ? '"File"' : chance.pick(['"Query"', '"FileError"', 'null', '1'])
    const members = [`${quote('__typename')}: ${typename}`, `${quote('id')}: ${value()}`]
    if (chance.is(0.05)) members.push(`${quote('filename')}: "x"`)
    if (chance.is(0.02)) members.pop()
    return `{ ${members.join(', ')} }`
  }

  function representations(): string {
    const literal = () => representation((key) => key, id)
    const json = () => representation((key) => `"${key}"`, jsonId)
    const one = () =>
      chance.is(0.8)
        ? literal()
        : variable('r', () => ({
            type: chance.pick(['_Any!', '_Any']),
            fallback: literalWithoutVariables(),
            give: right<string | undefined>(
              () => (chance.is(0.3) ? undefined : json()),
              ['null', '1', '"x"', '[]'],
            ),
          }))
    if (chance.is(0.4)) return list(4, one)
    return variable('a', () => ({
      type: chance.pick(['[_Any!]!']),
      give: right(() => list(chance.is(0.05) ? 40 : 6, json), ['null', '[null]', '[1]', json(), undefined]),
    }))
  }

  const literalWithoutVariables = () => representation((key) => key, idLiteral)

  function condition(): string {
    if (chance.is(0.85)) return ''
    const kind = chance.pick(['include', 'skip'])
    const value = chance.is(0.3)
      ? chance.pick(['true', 'false'])
      : variable('b', () => ({
          type: chance.pick(['Boolean!', 'Boolean']),
          fallback: chance.pick(['true', 'false']),
          give: right<string | undefined>(
            () => chance.pick(['true', 'false', undefined]),
            ['null', '1', '"true"'],
          ),
        }))
    return ` @${kind}(if: ${value})${chance.is(0.1) ? condition() : ''}`
  }

  /** The same alias stands for the same field everywhere, so that fields can be merged. */
  function leaf(names: readonly string[]): string {
    const name = chance.pick(names)
    const alias = chance.is(0.15) ? `${name.replace('__', 'is')}_${chance.below(2)}: ` : ''
    return `${alias}${name}${condition()}`
  }

  function leaves(names: readonly string[]): string {
    return [leaf(names), ...chance.times(5, () => leaf(names))].join(' ')
  }

  function fragment(type: string, make: () => string): string {
    if (chance.is(0.5)) return `... on ${type}${condition()} { ${make()} }`
    const name = `${type.replace('_', '')}${chance.below(2)}`
    // Taken first, lest it contains itself.
    if (!fragments.has(name)) {
      fragments.set(name, '')
      fragments.set(name, `fragment ${name} on ${type}${chance.is(0.03) ? condition() : ''} { ${make()} }`)
    }
    return `...${name}${condition()}`
  }

  function file(depth = 0): string {
    const parts = [leaves(FILE)]
    if (depth < 2 && chance.is(0.2)) parts.push(fragment('File', () => file(depth + 1)))
    if (depth < 2 && chance.is(0.05)) parts.push(`...${condition()} { ${file(depth + 1)} }`)
    if (chance.is(0.05)) parts.push('... on FileResult { __typename ... on File { id } }')
    return chance.is(0.5) ? parts.join(' ') : parts.reverse().join(' ')
  }

  function failure(): string {
    const upstream = chance.is(0.3) ? ` upstream${condition()} { httpStatus statusCode }` : ''
    return `${leaves(ERROR)}${upstream}`
  }

  function result(depth = 0): string {
    const parts = [chance.is(0.5) ? leaf(['__typename']) : '__typename']
    if (chance.is(0.8)) parts.push(fragment('File', () => file(1)))
    if (chance.is(0.5)) parts.push(fragment('FileError', failure))
    if (depth < 2 && chance.is(0.1)) parts.push(fragment('FileResult', () => result(depth + 1)))
    return parts.join(' ')
  }

  function entity(): string {
    return chance.is(0.3) ? '__typename' : `${leaf(['__typename'])} ${fragment('File', () => file(1))}`
  }

  /** What was asked for before, to be asked for once more with other fields. */
  const before: (() => string)[] = []

  function root(depth = 0): string {
    if (chance.is(0.15) && before.length > 0) return chance.pick(before)()
    const alias = chance.is(0.9) ? `f${aliases++}: ` : chance.is(0.3) ? '__proto__: ' : ''
    const again = (head: string, make: () => string) => {
      const write = () => `${head}${condition()} { ${make()} }`
      before.push(write)
      return write()
    }
    const text = chance.pick([
      () => again(`${alias}file(id: ${id()}${purpose()})`, file),
      () => again(`${alias}file(id: ${id()}${purpose()})`, file),
      () => again(`${alias}fileResult(id: ${id()}${purpose()})`, result),
      () => again(`${alias}fileResults(ids: ${ids()}${purpose()})`, result),
      () => again(`${alias}_entities(representations: ${representations()})`, entity),
      () => `${alias}__typename${condition()}`,
      () => (depth < 1 ? fragment('Query', () => root(depth + 1)) : '__typename'),
    ])()
    if (chance.is(0.02)) return `${text} __schema { queryType { name } }`
    return chance.is(0.01) ? `${text} _service { __typename }` : text
  }

  return {
    operation: (index: number, isNamed: boolean) => {
      used = new Set()
      const fields = [root(), ...chance.times(chance.is(0.2) ? 4 : 1, () => root())].join(' ')
      const name = isNamed || chance.is(0.5) ? ` ${NAMES[index]}` : ''
      // A fragment that was written for another operation may need more.
      const known = index === 0 ? used : all.values()
      const definitions = [...known].map(
        ({ name, type, fallback }) => `$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`,
      )
      const kind = name === '' && definitions.length === 0 && chance.is(0.5) ? '' : 'query'
      return `${kind}${name}${definitions.length > 0 ? `(${definitions.join(', ')})` : ''} { ${fields} }`
    },
    fragments: () => [...fragments.values()].filter((text) => text !== ''),
    give: () => {
      const members = [...all.values()].flatMap(({ name, give }) => {
        const value = give()
        return value === undefined ? [] : [`"${name}":${value}`]
      })
      if (chance.is(0.02)) members.push('"unknown":1')
      return `{${members.join(',')}}`
    },
  }
}
