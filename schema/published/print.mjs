// A plugin of graphql-codegen: prints the SDL that the server answers `_service { sdl }` with, for schema registries.
import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'

const folder = new URL('../', import.meta.url)

/** As the server reads it, since codegen's own schema has lost what federation adds. */
export function readSource() {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  const texts = files.sort().map((name) => readFileSync(new URL(name, folder), 'utf8'))
  return parse(texts.join('\n'))
}

export async function plugin() {
  const { data } = await graphql({
    schema: buildSubgraphSchema(readSource()),
    source: '{ _service { sdl } }',
  })
  return data._service.sdl
}
