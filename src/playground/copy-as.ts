// The operation as code to paste elsewhere. A token is never in it, only its place.
import { findOperations, type Operation } from './operation.js'

export type CodeTarget = {
  /** Of GraphQL. */
  readonly url: string
  readonly needsToken: boolean
  /** TypeScript's types for the answer's data and the variables, where the schema is known. */
  readonly types?: { readonly data: string; readonly variables: string } | undefined
}

/** For a POSIX shell: a quote within quotes ends them, stands alone, and begins them anew. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const toVariables = ({ variables }: Operation) => (variables.trim() === '' ? '{}' : variables.trim())

/** What a template's text can not hold as it is. */
const toTemplate = (query: string) => query.replace(/[\\`]|\$\{/g, '\\$&')

const indent = (text: string, by: string) => text.replaceAll('\n', `\n${by}`)

export function toCurl(operation: Operation, { url, needsToken }: CodeTarget): string {
  const body = `{"query":${JSON.stringify(operation.query)},"variables":${toVariables(operation)}}`
  return [
    `curl ${quote(url)}`,
    "-H 'content-type: application/json'",
    ...(needsToken ? ['-H "authorization: Bearer $FILES_TOKEN"'] : []),
    `--data-raw ${quote(body)}`,
  ].join(' \\\n  ')
}

export function toFetch(operation: Operation, target: CodeTarget): string {
  return `const query = \`${toTemplate(operation.query)}\`
const variables = ${toVariables(operation)}

const response = await fetch('${target.url}', {
  method: 'POST',
  headers: ${toHeaderCode(target, '  ')},
  body: JSON.stringify({ query, variables }),
})
const { data, errors } = await response.json()
`
}

export function toTypeScript(operation: Operation, target: CodeTarget): string {
  const name = findOperations(operation.query)[0]?.name ?? 'ask'
  const { data, variables } = target.types ?? {
    data: 'Record<string, unknown>',
    variables: 'Record<string, unknown>',
  }
  return `export type Data = ${data}
export type Variables = ${variables}

const query = \`${toTemplate(operation.query)}\`

export async function ${name.charAt(0).toLowerCase()}${name.slice(1)}(variables: Variables): Promise<Data> {
  const response = await fetch('${target.url}', {
    method: 'POST',
    headers: ${toHeaderCode(target, '    ')},
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as { data?: Data | null; errors?: { message: string }[] }
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? \`HTTP \${response.status}\`)
  return answer.data
}
`
}

function toHeaderCode({ needsToken }: CodeTarget, by: string): string {
  const lines = ["'content-type': 'application/json'", ...(needsToken ? ["authorization: 'Bearer …'"] : [])]
  return indent(`{\n  ${lines.join(',\n  ')},\n}`, by)
}
