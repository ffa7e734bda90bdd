// A client that costs less than any server: one kept connection, one request on its way, and no more of an answer read
// than where it ends.
import { connect, type Socket } from 'node:net'

/** Head and body of an answer, a character for each byte. */
type Take = (answer: string) => void

export type Connection = { send(request: string, take: Take): void; close(): void }

/** What `send` takes, for a GraphQL body of ASCII. */
export function createToRequest(url: string, token?: string): (body: string) => string {
  const { host, pathname } = new URL(url)
  const bearer = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${bearer}content-length: `
  return (body) => `${head}${body.length}\r\n\r\n${body}`
}

export function openConnection(url: string): Connection {
  const { hostname, port } = new URL(url)
  let socket: Socket | undefined
  let waiting: Take | undefined
  let text = ''

  // Servers end a connection after so many requests: the next one opens another.
  function open(): Socket {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true })
    opened.setEncoding('latin1').on('data', (chunk) => read(String(chunk)))
    opened.on('error', (error) => {
      if (waiting) throw error
    })
    opened.on('close', () => {
      if (socket !== opened) return
      socket = undefined
      if (waiting) throw new Error(`${url} closed a connection before it answered`)
    })
    return opened
  }

  function read(chunk: string): void {
    text += chunk
    const end = text.indexOf('\r\n\r\n') + 4
    if (end < 4 || text.length < end + Number(/content-length: (\d+)/i.exec(text)?.[1])) return
    const [answer, take] = [text, waiting]
    text = ''
    waiting = undefined
    if (/connection: close/i.test(answer.slice(0, end))) {
      socket?.destroy()
      socket = undefined
    }
    take?.(answer)
  }

  return {
    send(request, take) {
      waiting = take
      socket ??= open()
      socket.write(request, 'latin1')
    },
    close: () => void socket?.destroy(),
  }
}

/** One body, one answer's body. */
export function ask(connection: Connection, request: string): Promise<string> {
  return new Promise((resolve) => {
    connection.send(request, (answer) => resolve(answer.slice(answer.indexOf('\r\n\r\n') + 4)))
  })
}
