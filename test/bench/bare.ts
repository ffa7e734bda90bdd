// What the server is measured against: Node's own HTTP server doing the same JSON, with nothing around it. It parses
// the operation, asks the upstream if it is told one, and answers with the same bytes.
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toFileBody } from './upstream.js'

const upstream = process.env.UPSTREAM_URL
const agent = new Agent({ keepAlive: true })

function ask(id: string): Promise<string> {
  if (upstream === undefined) return Promise.resolve(toFileBody(id))
  return new Promise((resolve, reject) => {
    get(`${upstream}/v1/files/retrieve?file_id=${id}`, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text)).on('error', reject)
    }).on('error', reject)
  })
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  request.on('end', async () => {
    const { variables } = JSON.parse(text) as { variables: { id: string } }
    const { file } = JSON.parse(await ask(variables.id)) as { file: Record<string, unknown> }
    const { filename, download_url: downloadUrl } = file
    const answer = {
      data: { file: { id: variables.id, filename, downloadUrl } },
      extensions: { cost: { calls: 1, usd: 0.004 } },
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`GraphQL   http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql\n`)
})
