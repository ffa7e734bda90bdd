// Warnings at start: not faults, but almost always mistakes.
import type { InForce } from './config.js'
import { type Environment, toFileName } from './read.js'
import { entries } from './settings.js'

/** Every name that is read, and its setting. */
const known = new Map(
  entries.flatMap(([name, setting]) => {
    const file = setting.secret ? [toFileName(name)] : []
    const lowerCase = setting.lowerCase ? [name.toLowerCase()] : []
    return [name, ...file, ...lowerCase].map((spelling) => [spelling, setting] as const)
  }),
)

/** Warns of names that are misspelt or belong to another upstream, and of values that are probably wrong. */
export function toNotes(env: Environment, values?: Pick<InForce, 'UPSTREAM' | 'UPSTREAM_URL'>): string[] {
  const given = Object.keys(env).filter((name) => env[name] !== '')
  const notes = given.sort().flatMap((name) => toNote(name, values?.UPSTREAM) ?? [])
  return [...notes, ...(toUrlNote(values?.UPSTREAM_URL) ?? [])]
}

function toNote(name: string, upstream: InForce['UPSTREAM'] | undefined): string | undefined {
  const setting = known.get(name)
  if (setting !== undefined) {
    const { only = upstream } = setting
    const isUsed = upstream === undefined || only === upstream
    return isUsed ? undefined : `${name} is set but not used, because the upstream is ${upstream}.`
  }
  const plain = toPlain(name)
  const names = [...known.keys()]
  const distance = (each: string) => Math.abs(toPlain(each).length - plain.length)
  const near = names.filter((each) => isNear(toPlain(each), plain)).sort((a, b) => distance(a) - distance(b))
  const meant = names.find((each) => toPlain(each) === plain) ?? near[0]
  if (meant !== undefined) return `${name} is not a setting. Did you mean ${meant}?`
  const looksOurs = /^(COMETAPI|MINIMAX|UPSTREAM)/.test(plain)
  return looksOurs ? `${name} is not a setting of this server.` : undefined
}

function toPlain(name: string): string {
  return name.replaceAll('_', '').toUpperCase()
}

/** Shorter names resemble too many names of other programs: HOST and HOSTNAME, PORT and POST. */
const MIN_NEAR_LENGTH = 7

/** Whether one name starts with the other, or they differ in one letter. */
function isNear(knownName: string, name: string): boolean {
  const [short, long] = knownName.length < name.length ? [knownName, name] : [name, knownName]
  if (short.length < MIN_NEAR_LENGTH) return false
  let start = 0
  while (start < short.length && short[start] === long[start]) start++
  let end = 0
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end++
  return start === short.length || long.length - start - end <= 1
}

/** A common mistake: the upstream's documentation shows full URLs, and clients of other APIs expect /v1 in the base URL. */
function toUrlNote(url: URL | undefined): string[] | undefined {
  const [ending] = /\/v1(\/files(\/\w+)?)?\/?$/.exec(url?.pathname ?? '') ?? []
  if (ending === undefined) return undefined
  return [
    `UPSTREAM_URL ends in ${ending}, but the server appends /v1/files/retrieve itself. Remove ${ending}.`,
  ]
}
