// A plugin of graphql-codegen: prints the API as clients see it, without what federation adds. Some tools for clients,
// such as Relay's compiler, do not take the rest.
import { buildASTSchema, printSchema, specifiedDirectives, visit } from 'graphql'
import { readSource } from './print.mjs'

const KEPT = new Set(specifiedDirectives.map(({ name }) => name))

export function plugin() {
  const api = visit(readSource(), {
    SchemaExtension: () => null,
    Directive: ({ name }) => (KEPT.has(name.value) ? undefined : null),
  })
  return printSchema(buildASTSchema(api))
}
