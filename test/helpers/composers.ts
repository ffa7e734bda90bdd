// The three composers in use, behind one shape.
import { composeServices as composeByApollo } from '@apollo/composition'
import {
  type CompositionResult,
  composeServices as composeByHive,
  composeSchemaContract,
} from '@theguild/federation-composition'
import { type FederationResult, federateSubgraphs } from '@wundergraph/composition'
import { buildSchema, type GraphQLSchema, parse } from 'graphql'

/** SDL by the subgraph's name. */
export type Subgraphs = Readonly<Record<string, string>>

export type Composition = {
  readonly errors: readonly string[]
  /** What clients see. */
  readonly schema?: GraphQLSchema
  /** What routers read, or of it what prices a field. */
  readonly supergraph?: string
}

type Compose = (subgraphs: Subgraphs) => Composition

export const composers: Readonly<Record<string, Compose>> = {
  Apollo: (subgraphs) => {
    const { errors = [], schema, supergraphSdl: supergraph } = composeByApollo(toServices(subgraphs))
    if (!schema || supergraph === undefined) return { errors: errors.map(String) }
    return { errors: [], schema: schema.toAPISchema().toGraphQLJSSchema(), supergraph }
  },
  Hive: (subgraphs) => fromHive(composeByHive(toServices(subgraphs))),
  Cosmo: (subgraphs) => fromCosmo(federateSubgraphs({ subgraphs: toDefinitions(subgraphs), version: '1' })),
}

/** What clients see of a contract that leaves out what is tagged so, as Hive composes it. */
export function composeContract(subgraphs: Subgraphs, tag: string): Composition {
  const filter = { include: new Set<string>(), exclude: new Set([tag]) }
  return fromHive(composeSchemaContract(toServices(subgraphs), filter, true))
}

function toServices(subgraphs: Subgraphs) {
  return Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    url: `http://${name}.example/graphql`,
    typeDefs: parse(sdl),
  }))
}

function toDefinitions(subgraphs: Subgraphs) {
  return toServices(subgraphs).map(({ typeDefs, ...service }) => ({ ...service, definitions: typeDefs }))
}

function fromHive({ errors = [], publicSdl, supergraphSdl }: CompositionResult): Composition {
  if (publicSdl === undefined) return { errors: errors.map(String) }
  return { errors: [], schema: buildSchema(publicSdl), supergraph: supergraphSdl }
}

function fromCosmo(result: FederationResult): Composition {
  if (!result.success) return { errors: result.errors.map(String) }
  const costs = [...result.subgraphConfigBySubgraphName.values()].map(({ costs }) => costs)
  const toEntries = (_: string, value: unknown) => (value instanceof Map ? [...value] : value)
  return {
    errors: [],
    schema: result.federatedGraphClientSchema,
    supergraph: JSON.stringify(costs, toEntries),
  }
}
