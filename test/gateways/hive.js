// Hive Gateway with the configuration that the documentation shows, and a supergraph that Hive's own composer made of the
// running subgraphs. PLANNER=rust plans as Hive Router does. Prints where it serves.
import { createServer } from 'node:http'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { gatewayConfig } from './gateway.config.js'

const { FILES_URL, VIDEOS_URL, FILES_TOKEN, PLANNER } = process.env

async function fetchService(name, url, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  })
  const { data } = await response.json()
  return { name, url, typeDefs: parse(data._service.sdl) }
}

const services = [
  await fetchService('files', FILES_URL, { 'Router-Authorization': FILES_TOKEN }),
  await fetchService('videos', VIDEOS_URL),
]
const { supergraphSdl, errors } = composeServices(services)
if (errors) throw new AggregateError(errors, 'The subgraphs do not compose.')

const { unifiedGraphHandler } = PLANNER === 'rust' ? await import('@graphql-hive/router-runtime') : {}
const gateway = createGatewayRuntime({
  ...gatewayConfig,
  ...(unifiedGraphHandler && { unifiedGraphHandler }),
  supergraph: supergraphSdl,
  logging: 'warn',
})
const server = createServer(gateway)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`GraphQL http://127.0.0.1:${server.address().port}/graphql\n`)
})
