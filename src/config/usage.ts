// What the command says of itself and of its settings, besides serving.
import { readFileSync } from 'node:fs'
import type { InForce } from './config.js'
import { toFileName } from './read.js'
import { entries, type Setting } from './settings.js'

export function toVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export function toHelp(): string[] {
  const groups = [...new Set(entries.map(([, { group }]) => group))]
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
    ...groups.flatMap((group) => ['', group, ...entries.filter(isOf(group)).flatMap(toHelpLines)]),
  ]
}

function isOf(group: string) {
  return ([, setting]: readonly [string, Setting<unknown>]) => setting.group === group
}

function toHelpLines([name, setting]: readonly [string, Setting<unknown>]): string[] {
  const { purpose, takes, fallback, fallbackInWords, secret, lowerCase } = setting
  const unset = fallback ?? fallbackInWords
  const lines = [
    purpose,
    `takes ${takes}${unset === undefined ? '' : `; if not set, ${unset}`}`,
    ...(lowerCase ? [`${name.toLowerCase()} goes first`] : []),
    ...(secret ? [`or ${toFileName(name)}, a file that holds it`] : []),
  ]
  return [`  ${name}`, ...lines.map((line) => `      ${line.replaceAll('`', '')}`)]
}

/** What is in force as `VARIABLE=value` lines, secrets masked. */
export function toLines(values: InForce): string[] {
  return entries.flatMap(([name, setting]) => {
    const value = values[name as keyof InForce]
    const isUsed = setting.only === undefined || setting.only === values.UPSTREAM
    return value === undefined || !isUsed ? [] : [`${name}=${showValue(value, setting)}`]
  })
}

/** Lists and secrets are texts of their own accord. */
function showValue(value: unknown, { show = String }: Setting<unknown>): string {
  return show(value)
}
