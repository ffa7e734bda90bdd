// Operations a second: mixes of load on this server and on bare Node, by turns in short slices, so that both meet the
// same weather.
import { ask } from './connection.js'
import { createTarget, pace, saturate, type Target, toPercentile } from './load.js'
import { type Peer, startBare, startServer } from './peer.js'
import { startUpstream } from './upstream.js'

/** 3,200 operations at full scale. */
const WARM_UP_PER_MS = 8

export type Scale = { readonly files: number; readonly ms: number; readonly slices: number }

export type Mix = {
  readonly name: string
  readonly bodyAt: (turn: number) => string
  /** How many files both have looked up before. */
  readonly known?: number
  readonly env?: Readonly<Record<string, string>>
  readonly token?: string
}

const FIELDS = '{ id filename downloadUrl }'
const ONE = `query ($id: ID!) { file(id: $id) ${FIELDS} }`
const MANY = `query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on File ${FIELDS} } }`
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on File ${FIELDS} } }`
const HOT = 1000
const TOKEN = 'a-token-of-the-bench-0123456789'

const toId = (file: number) => String(335_560_000_000_000 + file)
const toIds = (from: number, count: number, files: number) =>
  Array.from({ length: count }, (_, at) => toId((from + at) % files))
const toMany = (ids: readonly string[]) => JSON.stringify({ query: MANY, variables: { ids } })

/** For one file. */
export const toOne = (file: number) => JSON.stringify({ query: ONE, variables: { id: toId(file) } })

/** For many files, by hundreds. */
const toAll = (files: number) =>
  Array.from({ length: files / 100 }, (_, at) => toMany(toIds(100 * at, 100, files)))

/** Bodies in rotation, made beforehand. */
function rotate(toBody: (turn: number) => string): (turn: number) => string {
  const bodies = Array.from({ length: HOT }, (_, turn) => toBody(turn))
  return (turn) => bodies[turn % HOT] as string
}

function toEntities(turn: number): string {
  const representations = toIds(turn, 50, HOT).map((id) => ({ __typename: 'File', id }))
  return JSON.stringify({ query: ENTITIES, variables: { representations } })
}

export function createMixes(files: number): Mix[] {
  const hot = { known: HOT, bodyAt: rotate(toOne) }
  return [
    { ...hot, name: 'hot: 1,000 files, one document' },
    { ...hot, name: 'hot, LOG_LEVEL=warn', env: { LOG_LEVEL: 'warn' } },
    { ...hot, name: 'hot, ACCESS_TOKENS', env: { ACCESS_TOKENS: TOKEN }, token: TOKEN },
    { name: 'cold: each file new', bodyAt: toOne },
    {
      name: 'hot: 1,000 documents with literals',
      known: HOT,
      bodyAt: rotate((turn) => JSON.stringify({ query: `{ file(id: "${toId(turn)}") ${FIELDS} }` })),
    },
    {
      name: 'hot: fileResults of 20',
      known: HOT,
      bodyAt: rotate((turn) => toMany(toIds(turn, 20, HOT))),
    },
    { name: 'hot: _entities of 50', known: HOT, bodyAt: rotate(toEntities) },
    {
      name: `${files.toLocaleString('en')} known files, each body new`,
      known: files,
      // One blank more with each round makes it another body.
      bodyAt: (turn) => toOne(turn % files) + ' '.repeat(Math.floor(turn / files)),
    },
  ]
}

/** Looks up all files that are to be known, each once. */
export async function fill(url: string, files: number, token?: string): Promise<void> {
  const bodies = toAll(files)
  const target = createTarget(url, (turn) => bodies[turn] as string, { connections: 4, token })
  let left = bodies.length
  const loop = async (connection: Target['connections'][number]) => {
    while (left-- > 0) await ask(connection, target.next())
  }
  await Promise.all(target.connections.map(loop))
  target.close()
}

type Side = { operations: number; wallMs: number; cpuMs: number }

export type Result = {
  readonly name: string
  readonly perSecond: number
  readonly barePerSecond: number
  /** Busy processor time by wall time: where it is far from 1, load or neighbours were the limit. */
  readonly busy: number
  readonly bareBusy: number
  /** Half of its own peak. */
  readonly halfP99Ms: number
  readonly bareHalfP99Ms: number
  /** The memory that the known files take. */
  readonly filesMiB: number
}

/** Both are to write the same data, but for the second in which a link was signed. */
async function compare(ours: Target, bare: Target): Promise<void> {
  const [one, other] = await Promise.all(
    [ours, bare].map(async ({ connections: [connection], next }) => {
      if (!connection) throw new Error('no connection')
      const { data } = JSON.parse(await ask(connection, next()))
      return JSON.stringify(data).replaceAll(/Expires=\d+/g, '')
    }),
  )
  if (one !== other) throw new Error(`not the same data:\n${one}\n${other}`)
}

async function slice(peer: Peer, target: Target, ms: number, side: Side): Promise<void> {
  const [startMs, startCpuMs] = [performance.now(), peer.cpuMs()]
  side.operations += (await saturate([target], ms)).operations
  side.wallMs += performance.now() - startMs
  side.cpuMs += peer.cpuMs() - startCpuMs
}

/** Each of 1,000 documents is met three times before it is as fast as it gets. */
async function warmUp(target: Target, ms: number): Promise<void> {
  for (let operations = 0; operations < WARM_UP_PER_MS * ms; )
    operations += (await saturate([target], 2 * ms)).operations
}

export async function measureMix(mix: Mix, { ms, slices }: Scale): Promise<Result> {
  const upstream = await startUpstream()
  const env = { UPSTREAM_URL: upstream.url }
  const peers = await Promise.all([
    startServer({ ...env, ...mix.env }),
    startBare({ ...env, KEEP: mix.known === undefined ? '' : '1' }),
  ])
  const [ours, bare] = peers
  const targets = peers.map(({ url }) => createTarget(url, mix.bodyAt, mix)) as [Target, Target]
  const sides = peers.map((): Side => ({ operations: 0, wallMs: 0, cpuMs: 0 })) as [Side, Side]

  await fill(ours.url, 100, mix.token)
  const emptyMiB = ours.rssMiB()
  for (const { url } of peers) await fill(url, mix.known ?? 100, mix.token)
  const filesMiB = ours.rssMiB() - emptyMiB
  await compare(...targets)
  for (const target of targets) await warmUp(target, ms)
  for (let round = 0; round < slices; round++) {
    await slice(ours, targets[0], ms, sides[0])
    await slice(bare, targets[1], ms, sides[1])
  }
  const perSecond = sides.map((side) => (side.operations * 1000) / side.wallMs) as [number, number]
  const halves: number[] = []
  for (const [at, target] of targets.entries())
    halves.push(toPercentile((await pace(target, (perSecond[at] as number) / 2, 2 * ms)).timesMs, 0.99))

  for (const each of [...targets, upstream]) each.close()
  for (const peer of peers) peer.stop()
  const [busy, bareBusy] = sides.map(({ cpuMs, wallMs }) => cpuMs / wallMs) as [number, number]
  const [halfP99Ms = Number.NaN, bareHalfP99Ms = Number.NaN] = halves
  const [mine, barePerSecond] = perSecond
  return {
    name: mix.name,
    perSecond: mine,
    barePerSecond,
    busy,
    bareBusy,
    halfP99Ms,
    bareHalfP99Ms,
    filesMiB,
  }
}
