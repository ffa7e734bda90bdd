import { type GraphQLNamedType, isEnumType, isInputObjectType, isObjectType, isScalarType } from 'graphql'
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
  expect(names).toHaveLength(24)
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

it('has scalars with a specification', () => {
  const url = schema.getType('URL')
  expect(isScalarType(url) && url.specifiedByURL).toBe('https://www.rfc-editor.org/rfc/rfc3986')
})
