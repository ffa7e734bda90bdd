// The settings as documentation shows them: one table for each group, made from the table in src/config.
import { toFileName } from '../../src/config/read.js'
import { entries, type Setting } from '../../src/config/settings.js'

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
