// The fast way: an operation that is known is run from its plan, and one whose answer is known is not run at all. It knows
// how all goes well. Whatever does not is left to Apollo Server, together with what was found out until then.
import type { Files } from '../../file.js'
import { type Begun, type Caller, CallMeter, toCall } from '../context.js'
import type { Summary } from '../server.js'
import { LIGHT, type TakeTurn } from '../turn.js'
import { type Ask, toAsk } from './ask.js'
import type { Documents } from './documents.js'
import { Lookups } from './lookups.js'
import { createMediaTypes } from './media.js'
import { Memories, type Remembered, shows } from './remembered.js'
import { type ParseJson, readRequest } from './request.js'
import { toFreshUntilMs, writeData, writeTags } from './write.js'

/** A response that was made the fast way, with what HTTP must say of it. */
export type FastResponse = {
  readonly status: 200
  readonly mediaType: string
  readonly cacheControl: string
  readonly body: string
  readonly summary: Summary
}

/** `undefined` for what has to go the whole way. */
export type Run = (
  text: string,
  accept: string | undefined,
  caller: Caller,
) => FastResponse | Promise<FastResponse | undefined> | undefined

export type RunDependencies = {
  readonly files: Files
  readonly documents: Documents
  readonly parseJson: ParseJson
  readonly takeTurn: TakeTurn
  readonly nowMs: () => number
  /** The dollars of so many calls. */
  readonly toUsd: (calls: number) => number
  /** `extensions.cost` of so many calls, as JSON. */
  readonly writeCost: (calls: number) => string
  /** Told what was found out for an operation that has to go the whole way. */
  readonly handOver: (caller: Caller, begun: Begun) => void
}

type Running = {
  readonly text: string
  readonly name: string | null
  readonly mediaType: string
  readonly caller: Caller
  readonly lookups: Lookups
  readonly ask: Ask
  /** There once anything is asked for. */
  meter: CallMeter | undefined
}

export function createRun(
  { files, documents, parseJson, takeTurn, nowMs, toUsd, writeCost, handOver }: RunDependencies,
  { maxLookups }: { readonly maxLookups: number },
): Run {
  const memories = new Memories()
  const chooseMediaType = createMediaTypes()
  const freeOfCost = writeCost(0)

  function giveUp(caller: Caller, lookups: Lookups, meter = new CallMeter()): undefined {
    const outcomes = lookups.toOutcomes()
    if (outcomes.size > 0) handOver(caller, { meter, outcomes })
  }

  /** The answer that was given before, if memory still has the same files. */
  function recall(known: Remembered, lookups: Lookups, mediaType: string): FastResponse | undefined {
    let isSame = true
    for (const id of known.ids) {
      const place = lookups.place(id)
      if (!shows(known, place, lookups.peek(place))) isSame = false
    }
    const seconds = isSame ? toSeconds(lookups) : 0
    if (!(seconds > 0)) return undefined
    const summary = toSummary(known.name, known.ids.length, 0, 'remembered')
    return { status: 200, mediaType, cacheControl: toCacheControl(seconds), body: known.body, summary }
  }

  function toSeconds(lookups: Lookups): number {
    return Math.floor(((toFreshUntilMs(lookups) ?? Number.NaN) - nowMs()) / 1000)
  }

  function toSummary(name: string | null, lookups: number, calls: number, way: Summary['way']): Summary {
    const usd = calls === 0 ? 0 : toUsd(calls)
    return { operation: name, type: 'query', lookups, calls, usd, codes: NO_CODES, way }
  }

  function answer(running: Running): FastResponse | undefined {
    const { name, mediaType, lookups, ask, meter } = running
    const data = writeData(ask, lookups, meter !== undefined)
    if (data === undefined) return giveUp(running.caller, lookups, meter)
    const calls = meter?.calls ?? 0
    const seconds = toSeconds(lookups)
    const isReusable = seconds > 0
    const cost = calls === 0 ? freeOfCost : writeCost(calls)
    const tags = isReusable ? writeTags(ask, lookups) : ''
    const body = `{"data":${data},"extensions":{"cost":${cost}${tags}}}`
    if (isReusable && meter === undefined && ask.weight <= LIGHT)
      memories.set(running.text, name, body, lookups)
    const cacheControl = isReusable ? toCacheControl(seconds) : 'no-store'
    return {
      status: 200,
      mediaType,
      cacheControl,
      body,
      summary: toSummary(name, lookups.ids.length, calls, 'plan'),
    }
  }

  /** Long lists wait for their turn, as they do the whole way. */
  function answerInTurn(running: Running): FastResponse | Promise<FastResponse | undefined> | undefined {
    const { weight } = running.ask
    return weight > LIGHT ? takeTurn(weight).then(() => answer(running)) : answer(running)
  }

  return (text, accept, caller) => {
    const mediaType = chooseMediaType(accept)
    if (mediaType === undefined) return undefined
    const lookups = new Lookups(files)
    const known = memories.get(text)
    const recalled = known && recall(known, lookups, mediaType)
    if (recalled) return recalled
    const choice = readRequest(text, parseJson, documents)
    const ask = choice && toAsk(choice, lookups, maxLookups)
    if (!choice || !ask) return giveUp(caller, lookups)
    const running: Running = { text, name: choice.name, mediaType, caller, lookups, ask, meter: undefined }
    if (lookups.peekAll()) return answerInTurn(running)
    if (lookups.hasUnlinked()) return giveUp(caller, lookups)
    running.meter = new CallMeter()
    return lookups.findRest(toCall(caller, running.meter)).then(() => answerInTurn(running))
  }
}

const NO_CODES: readonly string[] = []

function toCacheControl(seconds: number): string {
  return `private, max-age=${seconds}`
}
