// Finds, before anything runs, a variable that is null where a value is required. (A variable with a default value may be null.)
// GraphQL itself finds it field by field, while the look-ups of other fields are already under way: if it nulls the whole response,
// their answers would be paid for and thrown away.
import type { ApolloServerPlugin } from '@apollo/server'
import { HeaderMap } from '@apollo/server'
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  ValidationContext,
  type VariableNode,
  visit,
} from 'graphql'
import type { Context } from './context.js'

type Values = Readonly<Record<string, unknown>>

/** Answers an operation whose whole response such a variable nulls, before its first look-up. */
export function createNullPlugin(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ schema, document, operation, request: { variables = {} } }) => {
        // The type says otherwise, but there may be no operation. Apollo Server reports that later.
        const variable = operation && findFatalNull(schema, document, operation, variables)
        if (variable === undefined) return null
        const error = new GraphQLError(`Variable "$${variable.name.value}" must not be null.`, {
          nodes: [variable],
          extensions: { code: 'BAD_USER_INPUT' },
        })
        const singleResult = { errors: [error.toJSON()], data: null }
        return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } }
      },
    }),
  }
}

/** The use of a null variable, as an argument that must not be null, in a root field that must not be null either. */
function findFatalNull(
  schema: GraphQLSchema,
  document: DocumentNode,
  { name, variableDefinitions = [] }: OperationDefinitionNode,
  variables: Values,
): VariableNode | undefined {
  const isNull = ({ name }: VariableNode) => variables[name.value] === null
  if (!variableDefinitions.some(({ variable, defaultValue }) => defaultValue && isNull(variable)))
    return undefined
  // If the variables do not fit their types, nothing runs anyway.
  const { coerced } = getVariableValues(schema, variableDefinitions, variables)
  const asked = coerced && leaveOut(document, coerced)
  const operation = asked && getOperationAST(asked, name?.value)
  if (!operation) return undefined
  const context = new ValidationContext(schema, asked, new TypeInfo(schema), () => {})
  const fields = schema.getQueryType()?.getFields() ?? {}
  return collectRoots(operation.selectionSet, context)
    .filter(({ name }) => isNonNullType(fields[name.value]?.type))
    .flatMap((node) => context.getRecursiveVariableUsages(withOnly(node, operation)))
    .find(({ node, type }) => isNonNullType(type) && isNull(node))?.node
}

/** The document without the fields that `@skip` and `@include` exclude. */
function leaveOut(document: DocumentNode, values: Values): DocumentNode {
  return visit(document, {
    enter: (node) => {
      if (
        node.kind !== Kind.FIELD &&
        node.kind !== Kind.INLINE_FRAGMENT &&
        node.kind !== Kind.FRAGMENT_SPREAD
      )
        return undefined
      const skip = toCondition('skip', node, values)
      const isOut = skip === true || (skip !== null && toCondition('include', node, values) === false)
      return isOut ? null : undefined
    },
  })
}

/** The value of the directive's condition; `undefined` without the directive. GraphQL reads `@skip` first, and so does this. */
function toCondition(name: string, { directives }: SelectionNode, values: Values): unknown {
  const value = directives?.find((each) => each.name.value === name)?.arguments?.[0]?.value
  if (value?.kind === Kind.VARIABLE) return values[value.name.value]
  return value?.kind === Kind.BOOLEAN ? value.value : undefined
}

function collectRoots({ selections }: SelectionSetNode, context: ValidationContext): FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node]
    const { selectionSet } =
      node.kind === Kind.INLINE_FRAGMENT ? node : (context.getFragment(node.name.value) ?? {})
    return selectionSet ? collectRoots(selectionSet, context) : []
  })
}

/** The operation with this field only, without definitions of variables. */
function withOnly(node: FieldNode, operation: OperationDefinitionNode): OperationDefinitionNode {
  return {
    ...operation,
    variableDefinitions: [],
    selectionSet: { ...operation.selectionSet, selections: [node] },
  }
}
