// Reads a request's body for the fast way: document or hash, operation name and variables, and nothing else.
import type { Documents } from './documents.js'
import type { Choice } from './plan.js'

export type ParseJson = (text: string) => unknown

const KEYS: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions'])

/** What is asked for; `undefined` if Apollo Server has to read the request. */
export function readRequest(text: string, parse: ParseJson, documents: Documents): Choice | undefined {
  const body = parseRecord(text, parse)
  if (body === undefined) return undefined
  for (const key in body) if (!KEYS.has(key)) return undefined
  const { query, variables, operationName, extensions } = body
  if (!isRecordOrNone(variables) || !isRecordOrNone(extensions)) return undefined
  if (typeof operationName !== 'string' && operationName != null) return undefined
  const plan = findPlan(query, extensions?.persistedQuery, documents)
  return plan?.choose(operationName, variables ?? undefined)
}

function parseRecord(text: string, parse: ParseJson): Readonly<Record<string, unknown>> | undefined {
  try {
    const body = parse(text)
    return isRecordOrNone(body) ? (body ?? undefined) : undefined
  } catch {
    return undefined
  }
}

/** A document together with its hash goes to Apollo Server, which verifies and stores it. */
function findPlan(query: unknown, persisted: unknown, documents: Documents) {
  if (!persisted) return typeof query === 'string' ? documents.find(query) : undefined
  const { version, sha256Hash } = persisted as { readonly version?: unknown; readonly sha256Hash?: unknown }
  if (query != null || version !== 1 || typeof sha256Hash !== 'string') return undefined
  return documents.findByHash(sha256Hash)
}

type RecordOrNone = Readonly<Record<string, unknown>> | null | undefined

function isRecordOrNone(value: unknown): value is RecordOrNone {
  return value == null || (typeof value === 'object' && !Array.isArray(value))
}
