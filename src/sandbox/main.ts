// The process of `npm run sandbox`: the sandbox alone, for other clients and for load tests. No other file of the sandbox
// reads the environment.

import { createSandbox, type Sandbox } from './sandbox.js'

const DEFAULT_PORT = 4_100

function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`PORT is ${JSON.stringify(text)}, but must be a number from 0 to 65535`)
}

function toTable({ files }: Sandbox): string {
  const widths = [19, Math.max(...files.map(({ purpose }) => purpose.length))] as const
  return files
    .map(({ id, purpose, note }) => `  ${id.padEnd(widths[0])}  ${purpose.padEnd(widths[1])}  ${note}`)
    .join('\n')
}

function toGreeting(sandbox: Sandbox): string {
  const id = sandbox.files[0]?.id
  return `The sandbox listens on ${sandbox.url}. Any key will do. Its files:

${toTable(sandbox)}

A base_resp code (1000 to 2061) or an HTTP status (400 to 524) as file_id answers that failure.
1 reset, 2 silence, 3 cut short, 4 HTML, 5 slow drip, 6 64 MiB, 7 redirect, 8 fails twice of three times, 9 null file.
Uploads fail by their name: fail-1002.txt, http-503.mp3, reset.wav, slow.mp4, unknown-outcome.pdf.
Tasks by their prompt or text: fail 1026, refuse 1026, stuck, expired, odd status, late file, unknown outcome.

  curl -H 'Authorization: Bearer any-key' '${sandbox.url}/v1/files/retrieve?file_id=${id}'
  curl -H 'Authorization: Bearer any-key' -F purpose=voice_clone -F file=@voice.mp3 ${sandbox.url}/v1/files/upload
  curl -H 'Authorization: Bearer any-key' --json '{"model":"MiniMax-Hailuo-02","prompt":"a ball"}' ${sandbox.url}/v1/video_generation
`
}

function toStartFault(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  const sandbox = await createSandbox({ port: parsePort(process.env.PORT) })
  process.stdout.write(toGreeting(sandbox))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
} catch (error) {
  process.stderr.write(`The sandbox did not start: ${toStartFault(error)}\n`)
  process.exitCode = 1
}
