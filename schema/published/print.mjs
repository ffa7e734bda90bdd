// A plugin of graphql-codegen: prints the SDL that the server answers `_service { sdl }` with, for schema registries.
import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'

const folder = new URL('../', import.meta.url)

/** The source is read as the server reads it, since codegen's own schema has lost what federation adds. */
export async function plugin() {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  const texts = files.sort().map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const schema = buildSubgraphSchema(parse(texts.join('\n')))
  const { data } = await graphql({ schema, source: '{ _service { sdl } }' })
  return data._service.sdl
}
