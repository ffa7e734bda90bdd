// What the server is measured against: Node's own HTTP server giving the same data, with nothing around it. It keeps the
// files that it has seen, if it is told so, and asks the upstream for the others.
import { Agent, createServer, get } from 'node:http'

type File = { readonly filename: string; readonly download_url: string }

type Operation = {
  readonly query: string
  readonly variables?: {
    readonly id?: string
    readonly ids?: readonly string[]
    readonly representations?: readonly { readonly id: string }[]
  }
}

const { UPSTREAM_URL, KEEP } = process.env
const agent = new Agent({ keepAlive: true })
const known = new Map<string, File>()

function ask(id: string): Promise<File> {
  return new Promise((resolve, reject) => {
    get(`${UPSTREAM_URL}/v1/files/retrieve?file_id=${id}`, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(JSON.parse(text).file)).on('error', reject)
    }).on('error', reject)
  })
}

async function answer({ query, variables = {} }: Operation): Promise<object> {
  let calls = 0
  const find = async (id: string) => {
    let file = known.get(id)
    if (!file) {
      calls++
      file = await ask(id)
      if (KEEP) known.set(id, file)
    }
    return { id, filename: file.filename, downloadUrl: file.download_url }
  }
  const { id, ids, representations } = variables
  const data = ids
    ? { fileResults: await Promise.all(ids.map(find)) }
    : representations
      ? { _entities: await Promise.all(representations.map((each) => find(each.id))) }
      : { file: await find(id ?? /id: "(\d+)"/.exec(query)?.[1] ?? '') }
  return { data, extensions: { cost: { calls, usd: calls * 0.004 } } }
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  request.on('end', async () => {
    const body = JSON.stringify(await answer(JSON.parse(text)))
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1')
