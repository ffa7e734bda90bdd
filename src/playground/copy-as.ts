// Writes the operation as code to paste elsewhere. It never contains the token, only a place for it.
import { findOperations, isSubscription, type Operation } from './operation.js'

export type CodeTarget = {
  /** The address of the GraphQL endpoint. */
  readonly url: string
  readonly needsToken: boolean
  /** TypeScript types of the answer's data and of the variables, if the schema is known. */
  readonly types?: { readonly data: string; readonly variables: string } | undefined
}

/** For a POSIX shell: a single quote is written as `'\''`. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const toVariables = ({ variables }: Operation) => (variables.trim() === '' ? '{}' : variables.trim())

/** Escapes what has a meaning in a template literal. */
const toTemplate = (query: string) => query.replace(/[\\`]|\$\{/g, '\\$&')

const isStream = ({ query }: Operation) => isSubscription(query, undefined)

export function toCurl(operation: Operation, { url, needsToken }: CodeTarget): string {
  const body = `{"query":${JSON.stringify(operation.query)},"variables":${toVariables(operation)}}`
  return [
    `curl ${isStream(operation) ? '-N ' : ''}${quote(url)}`,
    "-H 'content-type: application/json'",
    ...(isStream(operation) ? ["-H 'accept: text/event-stream'"] : []),
    ...(needsToken ? ['-H "authorization: Bearer $FILES_TOKEN"'] : []),
    `--data-raw ${quote(body)}`,
  ].join(' \\\n  ')
}

export function toFetch(operation: Operation, target: CodeTarget): string {
  const reading = isStream(operation)
    ? 'for await (const events of response.body.pipeThrough(new TextDecoderStream())) console.log(events)'
    : 'const { data, errors } = await response.json()'
  return `const query = \`${toTemplate(operation.query)}\`
const variables = ${toVariables(operation)}

const response = await fetch('${target.url}', ${toInit(operation, target, '')})
${reading}
`
}

export function toTypeScript(operation: Operation, target: CodeTarget): string {
  const name = findOperations(operation.query)[0]?.name ?? 'ask'
  const unknown = 'Record<string, unknown>'
  const { data, variables } = target.types ?? { data: unknown, variables: unknown }
  const called = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
  const types = `export type Data = ${data}
export type Variables = ${variables}

const query = \`${toTemplate(operation.query)}\`
`
  return isStream(operation)
    ? toStreamCode(types, called, target)
    : toAnswerCode(types, called, operation, target)
}

function toAnswerCode(types: string, called: string, operation: Operation, target: CodeTarget): string {
  return `${types}
export async function ${called}(variables: Variables): Promise<Data> {
  const response = await fetch('${target.url}', ${toInit(operation, target, '  ')})
  const answer = (await response.json()) as { data?: Data | null; errors?: { message: string }[] }
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? \`HTTP \${response.status}\`)
  return answer.data
}
`
}

function toStreamCode(types: string, called: string, { url, needsToken }: CodeTarget): string {
  const headers = needsToken ? ", headers: { authorization: 'Bearer …' }" : ''
  return `import { createClient } from 'graphql-sse'

${types}
const client = createClient({ url: '${url}'${headers} })

export function ${called}(variables: Variables) {
  return client.iterate<Data>({ query, variables })
}
`
}

function toInit(operation: Operation, { needsToken }: CodeTarget, indent: string): string {
  const lines = [
    "'content-type': 'application/json'",
    ...(isStream(operation) ? ["accept: 'text/event-stream'"] : []),
    ...(needsToken ? ["authorization: 'Bearer …'"] : []),
  ]
  return `{
${indent}  method: 'POST',
${indent}  headers: { ${lines.join(', ')} },
${indent}  body: JSON.stringify({ query, variables }),
${indent}}`
}
