// Reads the environment by the table of settings. Each fault is one line that names the variable, what it holds
// unless that may be a secret, and what it takes.

import type { Setting } from './kinds.js'
import { readSecretFile } from './secret-file.js'
import { entries, type Values } from './settings.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a setting and the subject of the sentence that may refuse it, or a fault as a whole sentence. */
type Found = { readonly text: string; readonly subject: string } | { readonly fault: string }

/** Stands for an invalid value, so that the setting still counts as set in later checks. It never leaves this room. */
const PLACEHOLDER = 'faulty'

/** Reads every setting, and adds the faults to the list. */
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

/** An empty variable counts as unset, since compose files pass unset variables so. An empty secret is a fault: it is missing. */
function find(name: string, { secret, lowerCase }: Setting<unknown>, env: Environment): Found | undefined {
  const given = lowerCase && env[name.toLowerCase()] ? name.toLowerCase() : name
  const fileName = toFileName(name)
  const mistyped = [given, fileName].find((each) => !['string', 'undefined'].includes(typeof env[each]))
  if (mistyped) return { fault: `${mistyped} is not a string, as the variables of an environment are.` }
  const text = env[given]
  const path = secret && env[fileName]
  if (text && path) return { fault: `${given} and ${fileName} are both set: unset one of them.` }
  if (path) return findInFile(fileName, path)
  if (text) return { text, subject: `${given} is ${show(text, secret !== undefined)}` }
  if (secret !== 'all') return undefined
  if (path === '') return { fault: `${fileName} is empty, but takes the path of a file.` }
  return text === '' ? { text, subject: `${name} is empty` } : undefined
}

/** The variable that names a file with the secret. */
export function toFileName(name: string): string {
  return `${name}_FILE`
}

function findInFile(fileName: string, path: string): Found {
  // Show the value only if it looks like a path: it may be the secret itself, by mistake.
  const file = /^\.{0,2}\//.test(path) ? `${fileName} is ${quote(path)}` : `${fileName} names a file`
  const content = readSecretFile(path)
  if ('fault' in content) return { fault: `${file}, which ${content.fault}.` }
  return { text: content.text, subject: `${file}, whose content is invalid (it is not shown)` }
}

/** Shows an invalid value, unless it is a secret or a URL that may contain a password. */
function show(text: string, isSecret: boolean): string {
  return isSecret || /[@?]/.test(text) ? 'invalid (its value is not shown)' : quote(text)
}

/** Short, and on one line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
