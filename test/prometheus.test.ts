// Prometheus itself, with the configuration that is shipped, on the server's real metrics.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { startApp, TOKENS } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { findPort } from './helpers/port.js'
import { lacks } from './helpers/program.js'

/** Asks once a second, and takes what is shipped for all else. */
async function startPrometheus(target: string) {
  const folder = mkdtempSync(`${tmpdir()}/prometheus-`)
  const read = (name: string) => readFileSync(`deploy/${name}`, 'utf8')
  writeFileSync(`${folder}/token`, TOKENS[0])
  writeFileSync(`${folder}/alerts.yaml`, read('alerts.yaml'))
  const config = read('prometheus.yaml')
    .replace('/run/secrets/prometheus_token', `${folder}/token`)
    .replace('files:4000', target)
    .replace('scrape_interval: 15s', 'scrape_interval: 1s')
  writeFileSync(`${folder}/prometheus.yaml`, config)
  const port = await findPort()
  const options = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`]
  const child = spawn('prometheus', [...options, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true })
  })
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    return ((await response.json()) as { data: never }).data
  }
}

it.skipIf(lacks('prometheus'))(
  'is read by Prometheus with its token, and judged by the rules that are shipped',
  async () => {
    const { app, query } = await startApp({ ACCESS_TOKENS: TOKENS.join(',') })
    const headers = { authorization: `Bearer ${TOKENS[1]}` }
    await query(`{ file(id: "${VIDEO}") { id } }`, {}, { headers })
    const ask = await startPrometheus(new URL(app.url).host)
    const value = async (text: string) => {
      const { result } = await ask(`query?query=${encodeURIComponent(text)}`).catch(() => ({ result: [] }))
      return (result as { value: [number, string] }[])[0]?.value[1]
    }
    await expect.poll(() => value('files_spent_usd_total'), { timeout: 60_000, interval: 100 }).toBe('0.004')
    expect(await value('up{job="minimax-files"}')).toBe('1')
    const { groups } = (await ask('rules')) as { groups: { rules: { name: string; health: string }[] }[] }
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(5)
  },
  90_000,
)
