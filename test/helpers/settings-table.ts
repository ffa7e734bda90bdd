// The settings as documentation shows them: one table for each group, made from the table in src/config.

import type { Setting } from '../../src/config/kinds.js'
import { toFileName } from '../../src/config/read.js'
import { entries } from '../../src/config/settings.js'

export function toSettingsTables(): string {
  const groups = [...new Set(entries.map(([, { group }]) => group))]
  return groups.map((group) => toTable(group).join('\n')).join('\n\n')
}

function toTable(group: string): string[] {
  const rows = entries.filter(([, setting]) => setting.group === group).map(toRow)
  return [
    `**${group}**`,
    '',
    '| variable | takes | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
  ]
}

function toRow([name, setting]: readonly [string, Setting<unknown>]): string {
  const { takes, purpose, fallback, fallbackInWords = '', secret, lowerCase } = setting
  const names = [name, ...(lowerCase ? [name.toLowerCase()] : []), ...(secret ? [toFileName(name)] : [])]
  const unset = fallback === undefined ? fallbackInWords : `\`${fallback}\``
  const cells = [names.map((each) => `\`${each}\``).join(', '), takes, unset, purpose]
  return `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`
}

/** Settings that a container has from elsewhere: its image says where to listen, and ACCESS that there are no tokens. */
export const NOT_COMPOSED = ['HOST', 'PORT', 'ACCESS']

/** The file that deploy/compose.yaml reads: what must be set, and all else that may be, with what it is if not set. */
export function toEnvExample(): string {
  const composed = entries.filter(([name]) => !NOT_COMPOSED.includes(name) && name !== 'ACCESS_TOKENS')
  const groups = [...new Set(composed.map(([, { group }]) => group))]
  return [
    '# For compose.yaml: copy this file to .env beside it.',
    '',
    '# For whoever asks for files, comma-separated.',
    'ACCESS_TOKENS=',
    '# For Prometheus, which only reads.',
    'PROMETHEUS_TOKEN=',
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      ...composed.filter(([, setting]) => setting.group === group).flatMap(toEnvLines),
    ]),
    '',
  ].join('\n')
}

function toEnvLines([name, { purpose, takes, fallback = '', fallbackInWords }]: (typeof entries)[number]) {
  const unset = fallbackInWords ? `; if not set, ${fallbackInWords}` : ''
  const says = `${purpose}; takes ${takes}${unset}`.replaceAll('`', '')
  return ['', `# ${says}`, `#${name}=${fallback}`]
}
