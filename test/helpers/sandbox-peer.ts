// Two ways to ask the sandbox: as a well-behaved HTTP client, and as a socket that shows every byte.

import { type IncomingHttpHeaders, request } from 'node:http'
import { createConnection } from 'node:net'

export type Reply = { status: number; headers: IncomingHttpHeaders; bytes: Buffer }

type Ask = { method?: string; headers?: Record<string, string> }

/** One request on a connection of its own; rejects if the answer does not arrive whole. */
export function ask(url: string, { method = 'GET', headers = {} }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) })
      })
    })
    outgoing.on('error', reject).end()
  })
}

export type Target = { url: string }

/** A retrieve with a good key. */
export function askFile({ url }: Target, id: string, headers: Record<string, string> = {}): Promise<Reply> {
  return ask(`${url}/v1/files/retrieve?file_id=${id}`, {
    headers: { authorization: 'Bearer any-key', ...headers },
  })
}

type Conversation = {
  /** Whether the text so far is all that is expected; then whatever else comes has a moment to come. */
  until?: (text: string) => boolean
  connection?: 'close' | 'keep-alive'
  /** Raw requests to send in place of one retrieve. */
  send?: string
}

export type Transcript = {
  /** Every byte that came, as latin1. */
  text: string
  end: 'closed' | 'reset' | 'open'
}

/** Sends, and writes down what comes until the other side ends, or until shortly after `until`. */
export function converse(
  { url }: Target,
  id: string,
  { until = () => false, connection = 'close', send }: Conversation = {},
): Promise<Transcript> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  let text = ''
  let quiet: NodeJS.Timeout | undefined
  return new Promise((resolve) => {
    const finish = (end: Transcript['end']) => {
      clearTimeout(quiet)
      resolve({ text, end })
      socket.destroy()
    }
    const wait = () => {
      if (!quiet && until(text)) quiet = setTimeout(() => finish('open'), 30)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      wait()
    })
    socket.on('error', () => finish('reset'))
    socket.on('close', () => finish('closed'))
    socket.write(send ?? toRequest(id, connection), wait)
  })
}

export function toRequest(id: string, connection: 'close' | 'keep-alive'): string {
  const target = `/v1/files/retrieve?file_id=${id}`
  return `GET ${target} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer any-key\r\nconnection: ${connection}\r\n\r\n`
}

/** What follows the head. */
export function toBody({ text }: Transcript): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}
