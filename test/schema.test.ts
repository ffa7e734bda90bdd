import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
} from 'graphql'
import { expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import { createSchema } from '../src/graphql/schema.js'

const schema = createSchema()

/** What federation and GraphQL themselves add is theirs to document. */
function isOurs({ name }: GraphQLNamedType): boolean {
  const builtIn = ['String', 'Boolean', 'Int', 'Float', 'ID']
  return !name.startsWith('_') && !name.includes('__') && !builtIn.includes(name)
}

function listUndescribed(type: GraphQLNamedType): string[] {
  const members = isEnumType(type)
    ? type.getValues()
    : isObjectType(type) || isInputObjectType(type)
      ? Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'))
      : []
  const parts = members.flatMap((member) => [member, ...('args' in member ? member.args : [])])
  const described = type.name === 'Query' ? parts : [type, ...parts]
  return described.filter(({ description }) => !description).map(({ name }) => `${type.name}.${name}`)
}

function listMembers(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name)
  if (isUnionType(type)) return type.getTypes().map(({ name }) => name)
  const hasFields = isObjectType(type) || isInputObjectType(type) || isInterfaceType(type)
  return hasFields ? Object.values(type.getFields()).map((field) => `${field.name}: ${field.type}`) : []
}

it('describes every type, field, argument and enum value', () => {
  const types = Object.values(schema.getTypeMap()).filter(isOurs)
  expect(types.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'Query',
      'File',
      'FileResult',
      'FileError',
      'FileErrorCode',
      'FilePurpose',
      'URL',
    ]),
  )
  expect(types.flatMap(listUndescribed)).toEqual([])
})

it('names every code that a look-up can fail with, and no other', () => {
  const type = schema.getType('FileErrorCode')
  const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : []
  expect(names).toHaveLength(27)
  // Every one of them has its wording; the constructor looks it up.
  for (const name of names) expect(new FileError(name as never).message).toMatch(/\.$/)
})

it('links federation 2.9, which every composer in use accepts, and marks the entity', async () => {
  const sdl = await schema
    .getQueryType()
    ?.getFields()
    ._service?.resolve?.({}, {}, {}, {} as never)
  expect(sdl).toMatchObject({ sdl: expect.stringContaining('https://specs.apollo.dev/federation/v2.9') })
  expect(sdl).toMatchObject({ sdl: expect.stringMatching(/type File\s+@key\(fields: "id"\)/) })
})

it('is published without what federation adds, for clients: the same types and fields otherwise', () => {
  const text = readFileSync('schema/published/api.graphql', 'utf8')
  expect(text).not.toMatch(
    /federation|link__|\b_(Any|Entity|Service)|_entities|_service|@(key|tag|cost|shareable)/,
  )
  const api = buildSchema(text)
  const list = (each: GraphQLSchema) =>
    Object.values(each.getTypeMap())
      .filter(isOurs)
      .map((type) => [type.name, listMembers(type).filter((name) => !name.startsWith('_'))])
      .sort()
  expect(list(api)).toEqual(list(schema))
})

it('has scalars with a specification', () => {
  const url = schema.getType('URL')
  expect(isScalarType(url) && url.specifiedByURL).toBe('https://www.rfc-editor.org/rfc/rfc3986')
})
