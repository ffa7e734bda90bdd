// An operation, prepared to run: for each root field, how to get the ids that it asks for, and how to write its files.
import {
  type FieldNode,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  isUnionType,
  type SelectionSetNode,
} from 'graphql'
import { type File, type FileId, parseFileId } from '../../file.js'
import { weigh } from '../weight.js'
import { collectFields, type Selecting } from './collect.js'
import { toMark, UNMARKED, type WriteField, writers } from './json.js'
import { ENTRY_BYTES, toTextBytes } from './store.js'
import { compileArgument, type Read, type Values, type Variables } from './variables.js'

export type Script = {
  readonly fields: readonly RootField[]
  /** Its size in memory. */
  readonly bytes: number
}

type RootField = {
  /** The JSON text before its value. */
  readonly before: string
  /** `undefined` for a field without a look-up, which is all in `before`. */
  readonly lookup: LookupField | undefined
}

export type LookupField = {
  readonly kind: 'one' | 'list' | 'entities'
  /** The weight of each of its files. */
  readonly weight: number
  /** `undefined` if anything is unusual, such as an invalid id or an unknown type. */
  readonly readIds: (values: Values) => readonly FileId[] | undefined
  /** The expected purpose; `null` if none. */
  readonly readPurpose: Read
  /** `isNew`: the file was just looked up, so preparing its texts for reuse may not pay. */
  readonly write: (file: File, isNew: boolean) => string | undefined
}

/** `undefined` if it selects anything that a script cannot write, such as introspection. */
export function compileScript(
  selecting: Selecting,
  set: SelectionSetNode,
  variables: Variables,
): Script | undefined {
  const query = selecting.schema.getQueryType()
  if (!query) return undefined
  const fields: RootField[] = []
  let bytes = ENTRY_BYTES
  for (const [name, nodes] of collectFields(selecting, query, [set])) {
    const key = `${fields.length === 0 ? '' : ','}${JSON.stringify(name)}:`
    const field = compileField(selecting, query, nodes, variables)
    if (field === undefined) return undefined
    const before = typeof field === 'string' ? key + field : key
    fields.push({ before, lookup: typeof field === 'string' ? undefined : field.lookup })
    bytes += ENTRY_BYTES + toTextBytes(before) + (typeof field === 'string' ? 0 : field.bytes)
  }
  return { fields, bytes }
}

type Nodes = readonly [FieldNode, ...FieldNode[]]
type Compiled = { readonly lookup: LookupField; readonly bytes: number }

const KINDS: ReadonlyMap<string, LookupField['kind']> = new Map([
  ['file', 'one'],
  ['fileResult', 'one'],
  ['fileResults', 'list'],
  ['_entities', 'entities'],
])

function compileField(
  selecting: Selecting,
  query: GraphQLObjectType,
  nodes: Nodes,
  variables: Variables,
): Compiled | string | undefined {
  const [node] = nodes
  if (node.name.value === '__typename') return JSON.stringify(query.name)
  const kind = KINDS.get(node.name.value)
  const field = query.getFields()[node.name.value]
  if (kind === undefined || field === undefined) return undefined
  const read = (name: string) => {
    const definition = field.args.find((each) => each.name === name)
    const argument = node.arguments?.find((each) => each.name.value === name)
    return definition ? compileArgument(argument, definition.type, variables) : () => null
  }
  const readIds = read(ARGUMENTS[kind])
  const readPurpose = read('purpose')
  const type = getNamedType(field.type)
  const file = isUnionType(type) ? type.getTypes().find(({ name }) => name === 'File') : type
  const selection = isObjectType(file) ? compileSelection(selecting, file, nodes) : undefined
  if (readIds === undefined || readPurpose === undefined || selection === undefined) return undefined
  const fragments = Object.fromEntries(selecting.fragments)
  const weight = weigh({ fieldNodes: nodes, fragments })
  const { write, bytes } = selection
  return { lookup: { kind, weight, readIds: toIds(kind, readIds), readPurpose, write }, bytes }
}

const ARGUMENTS = { one: 'id', list: 'ids', entities: 'representations' } as const

function toIds(kind: LookupField['kind'], read: Read): LookupField['readIds'] {
  if (kind === 'one') {
    return (values) => {
      const id = parseFileId(read(values))
      return id && [id]
    }
  }
  const toId = kind === 'list' ? parseFileId : toEntityId
  return (values) => {
    const items = read(values)
    if (!Array.isArray(items)) return undefined
    const ids: FileId[] = []
    for (const item of items) {
      const id = toId(item)
      if (id === undefined) return undefined
      ids.push(id)
    }
    return ids
  }
}

function toEntityId(representation: unknown): FileId | undefined {
  if (typeof representation !== 'object' || representation === null) return undefined
  const { __typename, id } = representation as { readonly __typename?: unknown; readonly id?: unknown }
  return __typename === 'File' ? parseFileId(id) : undefined
}

type Piece = { readonly before: string; readonly write: WriteField }

function compileSelection(selecting: Selecting, type: GraphQLObjectType, nodes: Nodes) {
  const pieces: Piece[] = []
  let bytes = ENTRY_BYTES
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  for (const [name, [node]] of collectFields(selecting, type, sets)) {
    const write = Object.hasOwn(writers, node.name.value) ? writers[node.name.value] : undefined
    if (write === undefined) return undefined
    const before = `${pieces.length === 0 ? '{' : ','}${JSON.stringify(name)}:`
    pieces.push({ before, write })
    bytes += ENTRY_BYTES + toTextBytes(before)
  }
  return { write: toWrite(pieces), bytes }
}

function toWrite(pieces: readonly Piece[]): LookupField['write'] {
  if (pieces.length === 0) return () => '{}'
  return (file, isNew) => {
    const mark = isNew ? UNMARKED : toMark(file)
    let text = ''
    for (const { before, write } of pieces) {
      const value = write(file, mark)
      if (value === undefined) return undefined
      text += before + value
    }
    return `${text}}`
  }
}
