// What the clients of the soak test ask: mostly well, in every form, among failures, nonsense and clients that leave.
import { Pool } from 'undici'

export type Tally = {
  operations: number
  /** Answers that were not what they should have been, in words. */
  readonly wrong: string[]
  /** Failures that were asked for. */
  failed: number
  readonly timesMs: number[]
}

export function createTally(): Tally {
  return { operations: 0, wrong: [], failed: 0, timesMs: [] }
}

/** The sandbox's failures of one file alone: none says anything of the account. Silence and drips cost two timeouts. */
const FAILING = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '9',
  '500',
  '503',
  '504',
  '1000',
  '1024',
  '1033',
  '2013',
  '2061',
]

type Answer = {
  readonly data: Record<string, { id?: string; code?: string } | { id?: string }[] | null> | null
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

const HEADERS = { 'content-type': 'application/json' }
const REPRESENTATION =
  '($id: ID!) { _entities(representations: [{ __typename: "File", id: $id }]) { ... on File { id } } }'
const FORMS = [
  'query ($id: ID!) { found: file(id: $id) { id filename downloadUrl } }',
  'query ($id: ID!) { found: fileResult(id: $id) { ... on File { id } ... on FileError { code } } }',
  `query ${REPRESENTATION.replace('_entities', 'found: _entities')}`,
]
const MANY =
  'query ($ids: [ID!]!) { found: fileResults(ids: $ids) { ... on File { id } ... on FileError { code } } }'

export function createClients(url: string, healthy: readonly string[], connections: number) {
  const pool = new Pool(new URL(url).origin, { connections })
  const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

  async function ask(query: string, variables: object, signal?: AbortSignal): Promise<Answer> {
    const body = JSON.stringify({ query, variables })
    const options = { method: 'POST', path: '/graphql', headers: HEADERS, body, signal } as const
    return (await (await pool.request(options)).body.json()) as Answer
  }

  /** The code of the one look-up that was made, or the id of its file. */
  function read({ data, errors }: Answer): string {
    const found = [data?.found].flat()[0]
    return errors?.[0]?.extensions.code ?? (found && 'code' in found ? found.code : found?.id) ?? 'nothing'
  }

  const kinds: readonly (readonly [share: number, run: (tally: Tally) => Promise<void>])[] = [
    [
      55,
      async ({ wrong }) => {
        const id = pick(healthy)
        const answer = read(await ask(pick(FORMS), { id }))
        if (answer !== id) wrong.push(`${id}: ${answer}`)
      },
    ],
    [
      15,
      async ({ wrong }) => {
        const ids = Array.from({ length: 8 }, () => pick(healthy))
        const { data } = await ask(MANY, { ids })
        const answer = [data?.found].flat().map((each) => (each && 'code' in each ? each.code : each?.id))
        if (String(answer) !== String(ids)) wrong.push(`${ids}: ${answer}`)
      },
    ],
    [
      20,
      async ({ wrong }) => {
        const id = String(900_000_000_000_000 + Math.floor(Math.random() * 99_999_999_999_999))
        const answer = read(await ask(pick(FORMS), { id }))
        if (answer !== 'FILE_NOT_FOUND') wrong.push(`${id}: ${answer}`)
      },
    ],
    [
      1,
      async (tally) => {
        const id = pick(FAILING)
        const answer = read(await ask(pick(FORMS), { id }))
        if (answer === 'nothing' || answer === id) tally.wrong.push(`${id}: ${answer}`)
        else tally.failed++
      },
    ],
    [
      4,
      async ({ wrong }) => {
        const nonsense = pick([
          '{ file(',
          '{ nothing }',
          'query { file(id: "x") { id } }',
          '{ __typename '.repeat(40),
        ])
        if ((await ask(nonsense, {})).errors === undefined) wrong.push(`${nonsense} is answered`)
      },
    ],
    [
      2,
      async () => {
        const leaving = AbortSignal.timeout(Math.ceil(Math.random() * 20))
        await ask(pick(FORMS), { id: pick(['2', '5', ...healthy]) }, leaving).catch(() => {})
      },
    ],
    [
      3,
      async ({ wrong }) => {
        const path = pick(['/livez', '/readyz', '/metrics'])
        const { statusCode, body } = await pool.request({ method: 'GET', path })
        await body.dump()
        if (statusCode !== 200) wrong.push(`${path}: ${statusCode}`)
      },
    ],
  ]
  const lots = kinds.flatMap(([share, run]) => Array.from({ length: share }, () => run))

  return {
    /** One request of any kind, into the tally that is in use when it ends. */
    async step(tally: () => Tally): Promise<void> {
      const startMs = performance.now()
      const run = pick(lots)
      await run(tally()).catch((error: unknown) => tally().wrong.push(String(error)))
      tally().operations++
      tally().timesMs.push(performance.now() - startMs)
    },
    close: () => pool.destroy(),
  }
}
