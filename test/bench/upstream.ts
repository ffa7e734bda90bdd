// An upstream that does nothing but answer, as fast as Node can. Alone it is a process of its own for load.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

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
  const server = createServer((request, response) => {
    calls++
    const id = /file_id=(\d+)/.exec(request.url ?? '')?.[1] ?? '0'
    const body = answer(id)
    const send = () => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    }
    if (latencyMs > 0) setTimeout(send, latencyMs)
    else send()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get calls() {
      return calls
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startUpstream()
  process.stdout.write(`GraphQL   ${url}\n`)
}
