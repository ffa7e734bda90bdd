// That the benchmark still runs. What it measures is not looked at: a machine that is busy fails no test.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { withoutRedis } from './helpers/redis.js'

const MAIN = fileURLToPath(new URL('bench/main.ts', import.meta.url))

const MIXES = [
  'one document',
  'LOG_LEVEL=warn',
  'ACCESS_TOKENS',
  'cold: each file new',
  'with literals',
  'fileResults of 20',
  '_entities of 50',
  'each body new',
]

it('runs each of its mixes beside bare Node, with the same data', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN, '--quick'])
  for (const row of MIXES) expect(stdout).toMatch(new RegExp(`${row}.* [0-9.]+× .* ms\n`))
  expect(stdout).toMatch(/first answer +[0-9,]+ ms\n/)
  expect(stdout).toMatch(/more than with 100 /)
  for (const way of ['up', 'down']) expect(stdout).toMatch(new RegExp(`${way}, 4 MiB .* MiB/s .* MiB\n`))
  expect(stdout).toMatch(/bursts of 50 .* \$[0-9.]+\n/)
  expect(stdout).toContain(withoutRedis || 'cold, two processes')
}, 240_000)
