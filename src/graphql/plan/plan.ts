// Prepares a document that Apollo Server has accepted to run without it: one script per operation and per combination of its
// `@skip` and `@include` conditions.
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  visit,
} from 'graphql'
import { MAX_NAME_LENGTH } from '../context.js'
import type { Fragments } from './collect.js'
import { findConditions, includeBy } from './conditions.js'
import { compileScript, type Script } from './script.js'
import { ENTRY_BYTES, toTextBytes } from './store.js'
import { compileVariables, type Values, type Variables } from './variables.js'

export type Plan = {
  /** What the request asks for; `undefined` if Apollo Server has to answer any part of it. */
  choose(operationName: string | null | undefined, variables: Given): Choice | undefined
  /** Its size in memory. */
  readonly bytes: number
}

type Given = Readonly<Record<string, unknown>> | undefined

export type Choice = {
  /** The client's name for the operation, as far as it goes into the log. */
  readonly name: string | null
  readonly script: Script
  readonly values: Values
}

type Operation = {
  readonly name: string | null
  readonly variables: Variables
  /** The places of the variables that decide conditions. */
  readonly conditions: readonly number[]
  /** By the conditions that hold, each a bit. */
  readonly scripts: readonly (Script | undefined)[]
}

/** Each condition doubles the number of scripts. */
const MAX_CONDITIONS = 3
const MAX_OPERATIONS = 4

/** A node and what of it is kept as an argument's value. */
const BYTES_PER_NODE = 256

/** `undefined` if it cannot be planned. The document is valid. */
export function compilePlan(schema: GraphQLSchema, text: string): Plan | undefined {
  const document = parse(text, { noLocation: true })
  const definitions = document.definitions.filter(isOperation)
  if (definitions.length > MAX_OPERATIONS) return undefined
  const fragments: Fragments = toFragments(document)
  const operations = definitions.map((each) => compileOperation(schema, fragments, each))
  if (operations.every((each) => each === undefined)) return undefined
  return {
    choose: (operationName, given) => {
      const index =
        operationName == null ? 0 : definitions.findIndex((each) => each.name?.value === operationName)
      if (operationName == null && definitions.length > 1) return undefined
      const operation = operations[index]
      return operation && chooseScript(operation, given)
    },
    bytes: toBytes(text, document, operations),
  }
}

function isOperation(node: { readonly kind: Kind }): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION
}

function toFragments({ definitions }: DocumentNode): Fragments {
  return new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  )
}

function compileOperation(
  schema: GraphQLSchema,
  fragments: Fragments,
  { name, operation, selectionSet, variableDefinitions = [] }: OperationDefinitionNode,
): Operation | undefined {
  const variables = compileVariables(schema, variableDefinitions)
  const conditions = findConditions(selectionSet, fragments)
  if (operation !== OperationTypeNode.QUERY || !variables || conditions.length > MAX_CONDITIONS)
    return undefined
  const scripts = Array.from({ length: 2 ** conditions.length }, (_, bits) => {
    const isIncluded = includeBy(new Set(conditions.filter((_name, bit) => bits & (1 << bit))))
    return compileScript({ schema, fragments, isIncluded }, selectionSet, variables)
  })
  return {
    name: name?.value.slice(0, MAX_NAME_LENGTH) ?? null,
    variables,
    conditions: conditions.map((each) => variables.names.indexOf(each)),
    scripts,
  }
}

function chooseScript({ name, variables, conditions, scripts }: Operation, given: Given): Choice | undefined {
  const values = variables.read(given)
  if (values === undefined) return undefined
  let bits = 0
  for (const [bit, place] of conditions.entries()) {
    if (values[place] === true) bits |= 1 << bit
    else if (values[place] !== false) return undefined
  }
  const script = scripts[bits]
  return script && { name, script, values }
}

function toBytes(
  text: string,
  document: DocumentNode,
  operations: readonly (Operation | undefined)[],
): number {
  let bytes = ENTRY_BYTES + toTextBytes(text)
  visit(document, {
    enter: () => {
      bytes += BYTES_PER_NODE
    },
  })
  for (const operation of operations)
    for (const script of operation?.scripts ?? []) bytes += script?.bytes ?? 0
  return bytes
}
