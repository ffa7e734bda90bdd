// An upstream that does nothing but answer, in the process of the load, and as cheaply as Node can.
import { type AddressInfo, createServer, type Socket } from 'node:net'

const LINK = 'https://cdn.example/inference_output%2Fvideo%2Foutput_aigc.mp4'

/** The body for a generated video whose link lives nine hours, as MiniMax sends it. */
export function toFileBody(id: string): string {
  const expires = Math.floor(Date.now() / 1000) + 32_400
  const file = `{"file_id":${id},"bytes":0,"created_at":1763477381,"filename":"output_aigc.mp4","purpose":"video_generation","download_url":"${LINK}?Expires=${expires}&OSSAccessKeyId=LTAI5tBENCH&Signature=c2lnbmF0dXJl"}`
  return `{"file":${file},"base_resp":{"status_code":0,"status_msg":"success"}}`
}

export const toFailureBody = (code: number, message: string) =>
  `{"base_resp":{"status_code":${code},"status_msg":"${message}"}}`

/** Answers each request with the body that `answer` makes of its file id, after so long; counts them. */
export async function startUpstream(answer: (id: string) => string = toFileBody, latencyMs = 0) {
  let calls = 0
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    let text = ''
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
      if (!text.endsWith('\r\n\r\n')) return
      const body = answer(/file_id=(\d+)/.exec(text)?.[1] ?? '0')
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
      calls++
      text = ''
      if (latencyMs > 0) setTimeout(() => socket.write(head + body, 'latin1'), latencyMs)
      else socket.write(head + body, 'latin1')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get calls() {
      return calls
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
