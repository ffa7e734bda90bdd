// The schema's documentation, without what federation adds to it for routers.
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'
import { useState } from 'react'
import { toAsking } from './asking.js'
import { Description, DocsField, TypeLink } from './docs-field.js'
import { findMatches, isShown } from './docs-search.js'
import type { Operation } from './operation.js'

type DocsProps = { readonly schema: GraphQLSchema; readonly onOpen: (operation: Operation) => void }

export function Docs({ schema, onOpen }: DocsProps) {
  const [trail, setTrail] = useState<readonly string[]>([])
  const [search, setSearch] = useState('')
  const type = schema.getType(trail.at(-1) ?? '')
  const show = (name: string) => {
    setSearch('')
    setTrail((before) => [...before, name])
  }
  return (
    <div className="docs">
      <input
        type="search"
        aria-label="Search types and fields"
        placeholder="Search types and fields"
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      {search !== '' && <Matches schema={schema} search={search} onType={show} />}
      {search === '' && !type && <Overview schema={schema} onType={show} />}
      {search === '' && type && (
        <>
          <button type="button" className="link" onClick={() => setTrail(trail.slice(0, -1))}>
            ← {trail.at(-2) ?? 'All'}
          </button>
          <TypeDocs schema={schema} type={type} onType={show} onOpen={onOpen} />
        </>
      )}
    </div>
  )
}

type OnType = { readonly onType: (name: string) => void }

function Overview({ schema, onType }: { readonly schema: GraphQLSchema } & OnType) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (each) => each != null,
  )
  const others = Object.values(schema.getTypeMap()).filter(
    (type) => isShown(type.name) && !isSpecifiedScalarType(type) && !roots.includes(type as never),
  )
  return (
    <>
      <h2>Operations</h2>
      <TypeList types={roots} onType={onType} />
      <h2>Types</h2>
      <TypeList types={others.sort((a, b) => a.name.localeCompare(b.name))} onType={onType} />
    </>
  )
}

function TypeList({ types, onType }: { readonly types: readonly GraphQLNamedType[] } & OnType) {
  return (
    <ul>
      {types.map(({ name }) => (
        <li key={name}>
          <button type="button" className="link" onClick={() => onType(name)}>
            {name}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Matches({
  schema,
  search,
  onType,
}: { readonly schema: GraphQLSchema; readonly search: string } & OnType) {
  const matches = findMatches(schema, search)
  if (matches.length === 0) return <p className="empty">No type or field has this in its name.</p>
  return (
    <ul>
      {matches.map(({ type, field }) => (
        <li key={`${type}.${field}`}>
          <button type="button" className="link" onClick={() => onType(type)}>
            {field ? `${type}.${field}` : type}
          </button>
        </li>
      ))}
    </ul>
  )
}

function TypeDocs({
  schema,
  type,
  onType,
  onOpen,
}: DocsProps & { readonly type: GraphQLNamedType } & OnType) {
  const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
  const fields = hasFields ? Object.values(type.getFields()).filter(({ name }) => isShown(name)) : []
  const root = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].indexOf(
    type as never,
  )
  return (
    <>
      <h2>{type.name}</h2>
      <Description text={type.description} />
      <ul className="fields">
        {fields.map((field) => (
          <DocsField
            key={field.name}
            field={field}
            onType={onType}
            {...(root >= 0 && 'args' in field && { onAsk: () => onOpen(toAsking(root, field)) })}
          />
        ))}
        {isEnumType(type) &&
          type.getValues().map(({ name, description }) => (
            <li key={name}>
              <code>{name}</code>
              <Description text={description} />
            </li>
          ))}
        {isUnionType(type) &&
          type.getTypes().map((each) => (
            <li key={each.name}>
              <TypeLink type={each} onType={onType} />
            </li>
          ))}
      </ul>
    </>
  )
}
