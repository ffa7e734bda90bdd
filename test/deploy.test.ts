// The container's files: no container is built here, so what they name is checked instead.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { settings } from '../src/config/settings.js'
import { startApp } from './helpers/app.js'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** The Dockerfile's instructions, with their continuation lines. */
const instructions = read('Dockerfile')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))

/** What an instruction runs, in its exec form. */
function readCommand(instruction: string): string[] {
  const line = instructions.find((each) => each.startsWith(`${instruction} `)) ?? ''
  return JSON.parse(/\[.*\]$/.exec(line)?.[0] ?? '[]')
}

it('copies into the image what the repository or its build has', () => {
  const copies = instructions.filter((line) => line.startsWith('COPY ') && !line.includes(' . .'))
  const sources = copies.flatMap((line) =>
    line
      .replace(/--from=build \/app\//, '')
      .split(' ')
      .slice(1, -1),
  )
  expect(sources.length).toBeGreaterThan(5)
  for (const source of sources) expect(existsSync(new URL(source, root)), source).toBe(true)
  expect(readCommand('CMD').slice(0, 1)).toEqual(['node'])
  expect(existsSync(new URL(String(readCommand('CMD').at(-1)), root))).toBe(true)
})

it('runs as nobody in particular, as in production, and in two stages', () => {
  expect(instructions.filter((line) => line.startsWith('FROM '))).toHaveLength(2)
  expect(instructions).toContain('USER node')
  expect(instructions).toContain('ENV NODE_ENV=production HOST=0.0.0.0')
})

it('tells by its health check whether the server lives', async () => {
  const { app } = await startApp()
  const [command = '', ...args] = readCommand('HEALTHCHECK')
  const check = (port: string) => promisify(execFile)(command, args, { env: { ...process.env, PORT: port } })
  await expect(check(new URL(app.url).port)).resolves.toBeTruthy()
  await app.stop(0)
  await expect(check(new URL(app.url).port)).rejects.toMatchObject({ code: 1 })
})

it('composes a server that is told all that it reads and nothing else, and given the time it takes to stop', () => {
  const { services, secrets } = parse(read('deploy/compose.yaml'))
  const { environment, stop_grace_period, read_only } = services.files
  // The image says where to listen, and ACCESS says that there are no tokens.
  const told = Object.keys(settings).filter((name) => !['HOST', 'PORT', 'ACCESS'].includes(name))
  expect(Object.keys(environment).sort()).toEqual(told.sort())
  expect(stop_grace_period).toBe('15s')
  expect(read_only).toBe(true)
  expect(Object.keys(secrets)).toEqual(services.prometheus.secrets)
})

it('has Prometheus ask the server that is composed, with the token that it is given', () => {
  const { scrape_configs } = parse(read('deploy/prometheus.yaml'))
  const [{ static_configs, authorization }] = scrape_configs
  const { services } = parse(read('deploy/compose.yaml'))
  expect(Object.keys(services)).toContain(static_configs[0].targets[0].split(':')[0])
  expect(authorization.credentials_file).toBe(`/run/secrets/${services.prometheus.secrets[0]}`)
  expect(services.files.environment.READ_TOKENS).toContain('PROMETHEUS_TOKEN')
})
