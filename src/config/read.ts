// Reads the environment by the table of settings. Each fault is one line that names the variable, what it holds
// unless that may be a secret, and what it takes.
import { readSecretFile } from './secret-file.js'
import { entries, type Setting, type Values } from './settings.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** The value as a text, and how to begin the sentence that refuses it; or a sentence that says what is wrong. */
type Found = { readonly text: string; readonly subject: string } | { readonly fault: string }

/** Stands for a value that was given but is of no use, so that it still counts as set. It is never returned. */
const PLACEHOLDER = 'faulty'

/** What every setting holds; its faults are added to the list. */
export function readValues(env: Environment, faults: string[]): Values {
  const values = entries.map(([name, setting]) => [name, readValue(name, setting, env, faults)])
  return Object.fromEntries(values) as Values
}

function readValue(name: string, setting: Setting<unknown>, env: Environment, faults: string[]): unknown {
  const { takes, parse, fallback } = setting
  const otherwise = fallback === undefined ? undefined : parse(fallback)
  const found = find(name, setting, env)
  if (found === undefined) return otherwise
  const value = 'fault' in found ? undefined : parse(found.text)
  if (value !== undefined) return value
  faults.push('fault' in found ? found.fault : `${found.subject}, but takes ${takes}.`)
  return otherwise ?? PLACEHOLDER
}

/** An empty variable counts as unset, as compose files write it, except for a secret: that one has gone missing. */
function find(name: string, { secret, lowerCase }: Setting<unknown>, env: Environment): Found | undefined {
  const given = lowerCase && env[name.toLowerCase()] ? name.toLowerCase() : name
  const text = env[given]
  const fileName = toFileName(name)
  const path = secret && env[fileName]
  if (text && path) return { fault: `${given} and ${fileName} are both set: unset one of them.` }
  if (path) return findInFile(fileName, path)
  if (text) return { text, subject: `${given} is ${show(text, secret !== undefined)}` }
  if (secret !== 'all') return undefined
  if (path === '') return { fault: `${fileName} is empty, but takes the path of a file.` }
  return text === '' ? { text, subject: `${name} is empty` } : undefined
}

/** Where a secret can be given in a file instead. */
export function toFileName(name: string): string {
  return `${name}_FILE`
}

function findInFile(fileName: string, path: string): Found {
  // By mistake the secret itself may stand there.
  const file = /^\.{0,2}\//.test(path) ? `${fileName} is ${quote(path)}` : `${fileName} names a file`
  const content = readSecretFile(path)
  if ('fault' in content) return { fault: `${file}, which ${content.fault}.` }
  return { text: content.text, subject: `${file}, whose content is not usable (it is not shown)` }
}

/** A faulty value; none of a secret, nor of a URL that may hold a password. */
function show(text: string, isSecret: boolean): string {
  return isSecret || /[@?]/.test(text) ? 'not usable (its value is not shown)' : quote(text)
}

/** Short, and on one line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
