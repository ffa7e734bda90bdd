// Finds types and fields of the schema by name, and decides which are documented.
import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'

/** Hides the types and fields of introspection and of federation. */
export function isShown(name: string): boolean {
  return !/^_|^(link|federation|join)__/.test(name)
}

export type Match = { readonly type: string; readonly field?: string }

const MAX_MATCHES = 50

export function findMatches(schema: GraphQLSchema, search: string): Match[] {
  const text = search.toLowerCase()
  const fits = (name: string) => isShown(name) && name.toLowerCase().includes(text)
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => isShown(name))
  const fields = types.flatMap((type) => {
    const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    const names = hasFields
      ? Object.keys(type.getFields())
      : isEnumType(type)
        ? type.getValues().map(({ name }) => name)
        : []
    return names.filter(fits).map((field) => ({ type: type.name, field }))
  })
  return [...types.filter(({ name }) => fits(name)).map(({ name }) => ({ type: name })), ...fields].slice(
    0,
    MAX_MATCHES,
  )
}
