// What the command says of itself and of its environment, besides serving.
import { readFileSync } from 'node:fs'
import type { Environment } from './config.js'
import { type Variable, variables } from './settings.js'

export function toVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export function toHelp(): string[] {
  const names = Object.entries<Variable<unknown>>(variables)
  const width = Math.max(...names.map(([name]) => name.length))
  return [
    'minimax-files-graphql [--check | --help | --version]',
    '',
    'Serves GraphQL for MiniMax files; without a key, made-up files from the built-in sandbox.',
    '',
    '  --check    says whether the configuration is sound, prints it with secrets masked, and exits',
    '  --help     prints this, and exits',
    '  --version  prints the version, and exits',
    '',
    'Configured by environment variables:',
    '',
    ...names.map(([name, variable]) => `  ${name.padEnd(width)}  ${toMeaning(variable)}`),
  ]
}

function toMeaning({ takes, fallback }: Variable<unknown>): string {
  return fallback === undefined ? takes : `${takes}; ${fallback} if not set`
}

/** One line for each variable that somebody set in vain: misspelt, or for another upstream than the one in use. */
export function toNotes(env: Environment, upstream?: string): string[] {
  const given = Object.keys(env).filter((name) => env[name] !== '')
  return given.sort().flatMap((name) => toNote(name, upstream) ?? [])
}

function toNote(name: string, upstream: string | undefined): string | undefined {
  const plain = toPlain(name)
  const known = Object.keys(variables)
  const meant =
    known.find((each) => toPlain(each) === plain) ?? known.find((each) => isNear(toPlain(each), plain))
  if (meant === undefined) {
    const looksOurs = /^(COMETAPI|MINIMAX|UPSTREAM)/.test(plain)
    return looksOurs ? `${name} is set, but is no variable of this server.` : undefined
  }
  if (meant !== name) return `${name} is set, but is not read: ${meant} is.`
  const owner = /^(COMETAPI|MINIMAX)_/.exec(name)?.[1]?.toLowerCase()
  if (owner === undefined || upstream === undefined || owner === upstream) return undefined
  return `${name} is set, but not used: the upstream is ${upstream}.`
}

function toPlain(name: string): string {
  return name.replaceAll('_', '').toUpperCase()
}

/** Shorter names are near to many that other programs read: HOST to HOSTNAME, PORT to POST. */
const MIN_NEAR_LENGTH = 7

/** Whether one begins with the other, or they differ in one letter. */
function isNear(known: string, name: string): boolean {
  const [short, long] = known.length < name.length ? [known, name] : [name, known]
  if (short.length < MIN_NEAR_LENGTH) return false
  let start = 0
  while (start < short.length && short[start] === long[start]) start++
  let end = 0
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end++
  return start === short.length || long.length - start - end <= 1
}
