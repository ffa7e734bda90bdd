// The fast way and the whole way, side by side: random operations over random states of the world, and nothing that a
// client or an operator sees tells which was taken. `OPERATIONS=100000 SEED=1 npx vitest run test/plan-differential.test.ts`
// runs as many as one likes; a failure names the seed that shows it.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGraphQL, type FastResponse, type GraphQL } from '../src/graphql/server.js'
import { parseExactJson } from '../src/wire/json.js'
import { parseQuickly } from '../src/wire/quick.js'
import { createOperation, IDS, type Operation } from './helpers/operations.js'
import { type Chance, createChance } from './helpers/random.js'
import {
  createAsker,
  noContentLinks,
  noCreations,
  noTasks,
  noTicketsToUpload,
  toFiles,
} from './helpers/source.js'
import { createFate, createWorld, type World, type WorldClock } from './helpers/world.js'

const OPERATIONS = Number(process.env.OPERATIONS ?? 2500)
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
/** Of operations on one state of the world, each of which comes several times. */
const ROUND = 25

const ACCEPTS = [
  undefined,
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json;q=0.9',
  'application/json;q=0.1, application/graphql-response+json;q=0.5',
  '',
  'text/html',
  `${'text/x, '.repeat(40)}application/json`,
]

type Side = { readonly graphql: GraphQL; world: World & { forget(id: string): void } }
const clock: WorldClock = { nowMs: 0 }
const sides: { maxLookups: number; fast: Side; whole: Side }[] = []
const ways: Record<string, number> = { apollo: 0, plan: 0, remembered: 0 }

beforeAll(async () => {
  for (const maxLookups of [4, 30]) {
    const [fast, whole] = await Promise.all([createSide(maxLookups), createSide(maxLookups)])
    sides.push({ maxLookups, fast, whole })
  }
})

afterAll(async () => {
  for (const { fast, whole } of sides) await Promise.all([fast.graphql.stop(), whole.graphql.stop()])
})

async function createSide(maxLookups: number): Promise<Side> {
  const world = createWorld(new Map(), clock)
  const side: Side = { world } as never
  const graphql = await createGraphQL(
    toFiles((id, call) => side.world.find(id, call), { peek: (id) => side.world.peek(id) }),
    {
      tasks: noTasks,
      creations: noCreations,
      maxLookups,
      simulated: maxLookups === 4,
      introspection: true,
      contentLinks: noContentLinks,
      uploading: noTicketsToUpload,
      audit() {},
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      parseJson: parseQuickly,
      nowMs: () => clock.nowMs,
    },
  )
  return Object.assign(side, { graphql })
}

/** What can be seen of an answer, from outside and by the operator. */
type Seen = {
  readonly status: number
  readonly headers: unknown
  readonly body: string
  readonly summary: unknown
  readonly faults: readonly unknown[]
  readonly log: readonly string[]
}

async function ask(
  { graphql, world }: Side,
  text: string,
  accept: string | undefined,
  isFast: boolean,
): Promise<Seen> {
  const faults: unknown[] = []
  const start = world.log.length
  const caller = {
    requestId: 'r-1',
    asker: createAsker(),
    mayWrite: true,
    name: null,
    report: (fault: unknown) => faults.push(String(fault)),
  }
  const quick: FastResponse | undefined = isFast ? await graphql.run(text, accept, caller) : undefined
  if (quick) {
    const { mediaType, cacheControl, ...rest } = quick
    const vary = cacheControl === 'no-store' ? {} : { vary: 'accept, authorization' }
    const headers = { 'content-type': mediaType, 'cache-control': cacheControl, ...vary }
    return see(rest, headers, faults, world.log.slice(start))
  }
  const headers = { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) }
  const response = await graphql.execute(
    { method: 'POST', headers, search: '', body: parseExactJson(text), takeStream: () => false },
    caller,
  )
  const { 'content-length': _, ...said } = Object.fromEntries(response.headers)
  return see(response, said, faults, world.log.slice(start))
}

type Answer = {
  readonly status: number
  readonly body: string
  readonly summary: { readonly way: string; readonly codes: readonly string[] }
}

/** What happens side by side within an operation may happen in any order. */

function see(
  { status, body, summary: { way, codes, ...summary } }: Answer,
  headers: Readonly<Record<string, string>>,
  faults: readonly unknown[],
  log: readonly string[],
): Seen {
  ways[way] = (ways[way] ?? 0) + 1
  return {
    status,
    body,
    headers: { ...headers },
    summary: { ...summary, codes: codes.toSorted() },
    faults: faults.toSorted(),
    log: log.toSorted(),
  }
}

/** A body as clients write it, or as they should not. */
function write(chance: Chance, { query, names, give }: Operation): string {
  const members: string[] = []
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const persisted = chance.is(0.1)
  if (!persisted || chance.is(0.5))
    members.push(`"query":${chance.is(0.99) ? JSON.stringify(query) : 'null'}`)
  if (chance.is(0.95))
    members.push(`"variables": ${chance.is(0.98) ? give() : chance.pick(['null', '[]', '"{}"', '1'])}`)
  if (names.length > 1 || chance.is(0.3)) {
    const name = chance.is(0.8)
      ? JSON.stringify(chance.pick(names))
      : chance.pick(['null', '""', '"Op9"', '1'])
    members.push(`"operationName":${name}`)
  }
  if (persisted) {
    const hash = chance.is(0.95) ? sha256Hash : `${sha256Hash.slice(1)}0`
    const version = chance.is(0.95) ? 1 : 2
    members.push(`"extensions":${JSON.stringify({ persistedQuery: { version, sha256Hash: hash } })}`)
  } else if (chance.is(0.1)) {
    members.push(
      `"extensions":${chance.is(0.8) ? chance.pick(['null', '{}', '{"clientLibrary":{"name":"x"}}']) : chance.pick(['[]', '"x"', '1'])}`,
    )
  }
  if (chance.is(0.01)) members.push('"id":1')
  return `{${members.join(',')}}`
}

/** Some operations, several times each, while time goes by and memory forgets. */
async function runRound(seed: number): Promise<void> {
  const chance = createChance(seed)
  const side = chance.pick(sides)
  clock.nowMs = 1_790_000_000_000 + chance.below(1000)
  const fates = new Map(IDS.map((id) => [id, createFate(chance)]))
  side.fast.world = createWorld(fates, clock)
  side.whole.world = createWorld(fates, clock)
  let last: string[] = []
  let operation = createOperation(chance)
  for (let run = 0; run < ROUND; run++) {
    if (chance.is(0.1)) {
      operation = createOperation(chance)
      last = []
    }
    if (chance.is(0.2)) clock.nowMs += chance.pick([1, 400, 1000, 5000, 700_000])
    if (chance.is(0.2)) {
      const id = chance.pick(IDS)
      side.fast.world.forget(id)
      side.whole.world.forget(id)
    }
    const text = last.length > 0 && chance.is(0.7) ? chance.pick(last.slice(-3)) : write(chance, operation)
    last.push(text)
    const accept = chance.is(0.8) ? undefined : chance.pick(ACCEPTS)
    const whole = await ask(side.whole, text, accept, false)
    const fast = await ask(side.fast, text, accept, true)
    const where = `seed ${seed}, run ${run}, ${side.maxLookups} look-ups at most, accept ${accept}: ${text}`
    expect(fast, where).toEqual(whole)
  }
}

it(`answers ${OPERATIONS} random operations alike both ways, from seed ${SEED} on`, {
  timeout: 0,
}, async () => {
  const rounds = Math.ceil(OPERATIONS / ROUND)
  for (let round = 0; round < rounds; round++) await runRound(SEED + round)
  if (OPERATIONS < 1000) return
  const { apollo = 0, plan = 0, remembered = 0 } = ways
  // The whole side takes half of all. Of the other half, enough goes the fast way for this to mean something.
  expect(plan + remembered).toBeGreaterThan(OPERATIONS / 5)
  expect(remembered).toBeGreaterThan(OPERATIONS / 50)
  expect(apollo - OPERATIONS).toBeGreaterThan(OPERATIONS / 50)
  if (process.env.OPERATIONS) process.stdout.write(`${JSON.stringify(ways)}\n`)
})
