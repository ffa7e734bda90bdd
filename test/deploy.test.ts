// What the server is run with: no container is built here, so what its files name is checked instead.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { Setting } from '../src/config/kinds.js'
import { settings } from '../src/config/settings.js'
import { KEY, startApp } from './helpers/app.js'
import { lacks } from './helpers/program.js'
import { NOT_COMPOSED, toEnvExample } from './helpers/settings-table.js'

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
  const told = Object.keys(settings).filter((name) => !NOT_COMPOSED.includes(name))
  expect(Object.keys(environment).sort()).toEqual(told.sort())
  expect(stop_grace_period).toBe('15s')
  expect(read_only).toBe(true)
  expect(Object.keys(secrets)).toEqual(services.prometheus.secrets)
})

it('composes what is there: each file that is mounted, each service that another one names', () => {
  const { services } = parse(read('deploy/compose.yaml'))
  const mounts = Object.values<{ volumes?: string[] }>(services).flatMap(({ volumes = [] }) => volumes)
  const files = mounts.filter((mount) => mount.startsWith('.')).map((mount) => mount.split(':')[0] ?? '')
  expect(files.length).toBeGreaterThan(2)
  for (const file of files) expect(existsSync(new URL(`deploy/${file}`, root)), file).toBe(true)
  const [, upstream] = /server (\w+):4000;/.exec(read('deploy/nginx.conf')) ?? []
  expect(Object.keys(services)).toContain(upstream)
})

it('passes on every setting that its example of .env offers, where that has one', () => {
  const { environment } = parse(read('deploy/compose.yaml')).services.files
  const offered = [...read('deploy/.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => String(name))
  expect(offered.length).toBeGreaterThan(30)
  const texts = Object.values(environment).join()
  const isPassedOn = (name: string) => environment[name] === null || texts.includes(`\${${name}:`)
  expect(offered.filter((name) => !isPassedOn(name))).toEqual([])
})

it('has an example of .env with every setting that is passed on; run with -u to write it', async () => {
  await expect(toEnvExample()).toMatchFileSnapshot('../deploy/.env.example')
})

it('has Prometheus ask the server that is composed, with the token that it is given', () => {
  const { scrape_configs } = parse(read('deploy/prometheus.yaml'))
  const [{ static_configs, authorization }] = scrape_configs
  const { services } = parse(read('deploy/compose.yaml'))
  expect(Object.keys(services)).toContain(static_configs[0].targets[0].split(':')[0])
  expect(authorization.credentials_file).toBe(`/run/secrets/${services.prometheus.secrets[0]}`)
  expect(services.files.environment.READ_TOKENS).toContain('PROMETHEUS_TOKEN')
})

describe('the Kubernetes manifest', () => {
  const objects = parseAllDocuments(read('deploy/kubernetes.yaml')).map((each) => each.toJS())
  const find = (kind: string) => objects.find((each) => each.kind === kind)
  const { spec: pod } = find('Deployment').spec.template
  const [container] = pod.containers
  const env: { name: string; value: string }[] = container.env

  it('has what runs, what leads to it, what it is told in secret, and how many may be missing', () => {
    expect(objects.map(({ kind }) => kind)).toEqual([
      'Secret',
      'Deployment',
      'Service',
      'PodDisruptionBudget',
    ])
    const { labels } = find('Deployment').spec.template.metadata
    expect(find('Deployment').spec.selector.matchLabels).toEqual(labels)
    expect(find('Service').spec.selector).toEqual(labels)
    expect(find('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels)
  })

  it('gives secrets as files, each under a name that the server reads, and no other', () => {
    const { mountPath } = container.volumeMounts[0]
    const files = env.filter(({ name }) => name.endsWith('_FILE'))
    expect(files.map(({ value }) => value.replace(`${mountPath}/`, ''))).toEqual(
      Object.keys(find('Secret').stringData),
    )
    for (const { name, value } of files) {
      const setting: Setting<unknown> = settings[name.replace(/_FILE$/, '') as keyof typeof settings]
      expect(setting.secret, name).toBeTruthy()
      expect(`${value.split('/').at(-1)}_FILE`).toBe(name)
    }
    for (const { name } of env) expect(Object.keys(settings)).toContain(name.replace(/_FILE$/, ''))
  })

  it('starts a server that answers its probes', async () => {
    const folder = mkdtempSync(`${tmpdir()}/secrets-`)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const values: Readonly<Record<string, string>> = { REDIS_URL: 'redis://127.0.0.1:1', COMETAPI_KEY: KEY }
    for (const name of Object.keys(find('Secret').stringData))
      writeFileSync(`${folder}/${name}`, `${values[name] ?? `${name}-SENTINEL`}\n`)
    const { mountPath } = container.volumeMounts[0]
    const told = env.map(({ name, value }) => [name, value.replace(mountPath, folder)])
    const { send } = await startApp({ ...Object.fromEntries(told), COMETAPI_KEY: undefined })
    for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const { path, port } = container[name].httpGet
      expect(port).toBe(container.ports[0].name)
      expect((await send(path)).status, name).toBe(200)
    }
  })

  it('has no variables set for each service, whose names begin as those of settings do', () => {
    expect(find('Service').metadata.name).toMatch(/^minimax/)
    expect(pod.enableServiceLinks).toBe(false)
  })

  it('leaves the time to stop, and a system that nobody can write to', () => {
    const [, seconds] = container.lifecycle.preStop.exec.command
    const { DRAIN_LEAD_SECONDS: lead } = settings
    // Nine for what is in flight and two to close, as the process has them.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + Number(lead.fallback) + 11)
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true)
    expect(pod.securityContext.runAsNonRoot).toBe(true)
    expect(container.resources.limits.memory).toBe('512Mi')
  })
})

it('has a systemd unit that runs Node on what the package has, with settings and time to stop', () => {
  const unit = read('deploy/minimax-files.service')
  const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines) expect(line).toMatch(/^(\[\w+\]|\w+=.*)$/)
  const [, path] = /^ExecStart=\/usr\/bin\/node \S*\/minimax-files-graphql\/(\S+)$/m.exec(unit) ?? []
  expect(JSON.parse(read('package.json')).bin['minimax-files-graphql']).toBe(path)
  const named = [...unit.matchAll(/(\w+)=%d\/(\w+)/g)].map(([, name, file]) => [name, file])
  expect(named.length).toBeGreaterThan(1)
  for (const [name, file] of named) {
    expect(name).toBe(`${file}_FILE`)
    expect(unit).toContain(`\nLoadCredential=${file}:`)
    expect(Object.keys(settings)).toContain(file)
  }
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(13)
})

it.skipIf(lacks('systemd-analyze'))('has a unit that systemd finds nothing wrong with', () => {
  const folder = mkdtempSync(`${tmpdir()}/unit-`)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const unit = `${folder}/minimax-files.service`
  writeFileSync(unit, read('deploy/minimax-files.service').replace('/usr/bin/node', process.execPath))
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
})

it('has the file that turns tracing on in the image and in the package', () => {
  expect(instructions).toContain('COPY deploy/otel.mjs deploy/otel.mjs')
  expect(read('.dockerignore').split('\n')).toContain('!deploy/otel.mjs')
  const { exports, files } = JSON.parse(read('package.json'))
  expect(exports['./otel.mjs']).toBe('./deploy/otel.mjs')
  expect(files).toContain('deploy')
})
