// The fast way: runs a known operation from its plan, or returns its remembered answer. It only handles the case in which all goes
// well. Anything else is left to Apollo Server, together with the look-ups that were already made.
import type { Files } from '../../file.js'
import type { Summary } from '../context.js'
import { type Begun, type Caller, CallMeter, type Spent, toCall } from '../context.js'
import { LIGHT, type TakeTurn } from '../turn.js'
import { type Ask, toAsk } from './ask.js'
import type { Documents } from './documents.js'
import { Lookups } from './lookups.js'
import { createMediaTypes } from './media.js'
import { Memories, type Remembered, shows } from './remembered.js'
import { type ParseJson, readRequest } from './request.js'
import { toFreshUntilMs, writeData, writeTags } from './write.js'

/** A response made the fast way, with its HTTP headers. */
export type FastResponse = {
  readonly status: 200
  readonly mediaType: string
  readonly cacheControl: string
  readonly body: string
  readonly summary: Summary
}

/** `undefined` if Apollo Server has to run it. */
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
  /** `extensions.cost` of what was sent, as JSON. */
  readonly writeCost: (spent?: Spent) => string
  /** Called with the look-ups already made, if Apollo Server has to take over. */
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
  { files, documents, parseJson, takeTurn, nowMs, writeCost, handOver }: RunDependencies,
  { maxLookups }: { readonly maxLookups: number },
): Run {
  const memories = new Memories()
  const chooseMediaType = createMediaTypes()
  const freeOfCost = writeCost()

  function giveUp(caller: Caller, lookups: Lookups, meter: CallMeter): undefined {
    const outcomes = lookups.toOutcomes()
    if (outcomes.size > 0) handOver(caller, { meter, outcomes })
  }

  /** The remembered answer, if memory still has the same files. */
  function recall(known: Remembered, lookups: Lookups, mediaType: string): FastResponse | undefined {
    let isSame = true
    for (const id of known.ids) {
      const place = lookups.place(id)
      if (!shows(known, place, lookups.peek(place))) isSame = false
    }
    const seconds = isSame ? toSeconds(lookups) : 0
    if (!(seconds > 0)) return undefined
    const summary = toSummary(known.name, known.ids.length, undefined, 'remembered')
    return { status: 200, mediaType, cacheControl: toCacheControl(seconds), body: known.body, summary }
  }

  function toSeconds(lookups: Lookups): number {
    return Math.floor(((toFreshUntilMs(lookups) ?? Number.NaN) - nowMs()) / 1000)
  }

  function toSummary(
    name: string | null,
    lookups: number,
    meter: Spent | undefined,
    way: Summary['way'],
  ): Summary {
    const calls = meter?.calls ?? 0
    const usd = calls === 0 ? 0 : (meter?.microUsd ?? 0) / 1e6
    return { operation: name, type: 'query', lookups, calls, usd, codes: NO_CODES, way }
  }

  function answer(running: Running): FastResponse | undefined {
    const { name, mediaType, lookups, ask, meter } = running
    const data = writeData(ask, lookups, meter !== undefined)
    if (data === undefined) return giveUp(running.caller, lookups, meter ?? new CallMeter())
    const seconds = toSeconds(lookups)
    const isReusable = seconds > 0
    const cost = meter === undefined || meter.calls === 0 ? freeOfCost : writeCost(meter)
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
      summary: toSummary(name, lookups.ids.length, meter, 'plan'),
    }
  }

  /** Heavy answers take turns, as they do in Apollo Server. */
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
    if (!choice || !ask) return giveUp(caller, lookups, new CallMeter())
    const running: Running = { text, name: choice.name, mediaType, caller, lookups, ask, meter: undefined }
    if (lookups.peekAll()) return answerInTurn(running)
    if (lookups.hasUnlinked()) return giveUp(caller, lookups, new CallMeter())
    running.meter = new CallMeter()
    return lookups.findRest(toCall(caller, running.meter)).then(() => answerInTurn(running))
  }
}

const NO_CODES: readonly string[] = []

function toCacheControl(seconds: number): string {
  return `private, max-age=${seconds}`
}
