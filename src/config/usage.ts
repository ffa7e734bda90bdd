// The output of `--help`, `--version` and `--check`.
import { readFileSync } from 'node:fs'
import type { InForce } from './config.js'
import type { Setting } from './kinds.js'
import { toFileName } from './read.js'
import { entries } from './settings.js'

export function toVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export function toHelp(): string[] {
  const groups = [...new Set(entries.map(([, { group }]) => group))]
  return [
    'minimax-files-graphql [--check | --help | --version]',
    '',
    'A GraphQL server for MiniMax files. Without an API key it serves made-up files from a built-in sandbox.',
    '',
    '  --check    validates the configuration, prints it with secrets masked, and exits',
    '  --help     prints this help and exits',
    '  --version  prints the version and exits',
    '',
    'Set these environment variables to configure it. NODE_ENV=production changes some defaults, as noted with',
    'them, and makes every line of output JSON.',
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
    `takes ${takes}${unset === undefined ? '' : `; default: ${unset}`}`,
    ...(lowerCase ? [`${name.toLowerCase()} takes precedence`] : []),
    ...(secret ? [`or set ${toFileName(name)} to a file that contains it`] : []),
  ]
  return [`  ${name}`, ...lines.map((line) => `      ${line.replaceAll('`', '')}`)]
}

/** The settings in force as `VARIABLE=value` lines, secrets masked. */
export function toLines(values: InForce): string[] {
  return entries.flatMap(([name, setting]) => {
    const value = values[name as keyof InForce]
    const isUsed = setting.only === undefined || setting.only === values.UPSTREAM
    return value === undefined || !isUsed ? [] : [`${name}=${showValue(value, setting)}`]
  })
}

/** `String` joins lists with commas and masks secrets. */
function showValue(value: unknown, { show = String }: Setting<unknown>): string {
  return show(value)
}
