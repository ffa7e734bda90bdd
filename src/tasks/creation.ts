// Creating tasks: each order is checked, priced and sent once. Goes on though whoever asked has left: what was paid for is told to
// whoever asks next.
import { createHash } from 'node:crypto'
import { FileError } from '../errors.js'
import type { Call, FileId, ListedFile, Lookup, Meter } from '../file.js'
import type {
  Created,
  CreateSource,
  CreationCall,
  CreationEnding,
  Creations,
  Order,
  Price,
  Task,
  Tasks,
} from '../task.js'
import { checkOrder } from './input.js'
import type { Keys } from './keys.js'
import type { Prices } from './prices.js'

export type CreationDependencies = {
  readonly monotonicMs: () => number
  readonly prices: Prices
  readonly keys: Keys
  readonly tasks: Pick<Tasks, 'begin' | 'find'>
  /** Finds the file that is to be spoken, whose size says what that costs. */
  readonly findFile: (id: FileId, call: Call) => Promise<{ readonly file: ListedFile }>
}

export function createCreations(
  source: CreateSource,
  { monotonicMs, prices, keys, tasks, findFile }: CreationDependencies,
  { timeoutMs }: { readonly timeoutMs: number },
): Creations {
  async function findPrice(order: Order, call: CreationCall): Promise<Price> {
    const id = order.kind === 'speech' ? order.input.textFileId : null
    if (id === null) return prices.find(order, undefined)
    const { file } = await findFile(id, call)
    if (file.purposeName !== null && file.purposeName !== 't2a_async_input')
      throw new FileError('INVALID_INPUT', { rule: 'TEXT_FILE_PURPOSE' })
    return prices.find(order, file)
  }

  /** Sends it and takes note of how that ended. `isKept`: whoever comes with the key wants it, though the caller has left. */
  async function send(order: Order, call: CreationCall, isKept: boolean): Promise<Task> {
    const { kind } = order
    let sending: Sending | undefined
    const note = (ending: Pick<CreationEnding, 'id' | 'code'>) =>
      call.note({ kind, microUsd: sending?.microUsd ?? 0, ...ending })
    try {
      const price = await findPrice(order, call)
      sending = new Sending(call, monotonicMs() + timeoutMs, isKept)
      const { id, usageCharacters } = await source(order, price, sending)
      note({ id, code: 'OK' })
      return tasks.begin(kind, id, usageCharacters)
    } catch (error) {
      note({ id: null, code: error instanceof FileError ? error.code : 'INTERNAL_SERVER_ERROR' })
      throw error
    } finally {
      sending?.end()
    }
  }

  /** As far as it is by now. That it was created is certain, whatever a query of it meets. */
  function recall({ kind }: Order, { id, usageCharacters }: Created, call: CreationCall): Promise<Task> {
    return tasks.find(kind, id, call).catch((error: unknown) => {
      if (!(error instanceof FileError)) throw error
      return tasks.begin(kind, id, usageCharacters)
    })
  }

  return {
    create: async (order, key, call) => {
      checkOrder(order, key)
      if (key === null) return send(order, call, false)
      let task: Task | undefined
      const created = await keys.once(
        { name: toDigest([call.name, key]), digest: toDigest(order) },
        async () => {
          task = await send(order, call, true)
          return task
        },
      )
      return task ?? recall(order, created, call)
    },
  }
}

/** One creation on its way. */
class Sending implements Lookup, Meter {
  readonly requestId: string | undefined
  readonly deadlineMs: number
  isProbe = false
  check: (() => void) | undefined
  stop: (() => void) | undefined
  /** What it has cost so far. */
  microUsd = 0
  readonly #call: CreationCall
  readonly #isKept: boolean
  readonly #leave = () => this.isAbandoned && this.stop?.()

  constructor(call: CreationCall, deadlineMs: number, isKept: boolean) {
    this.#call = call
    this.requestId = call.asker.requestId
    this.#isKept = isKept
    this.deadlineMs = deadlineMs
    call.asker.onLeave(this.#leave)
  }

  get meter(): Meter {
    return this
  }

  get isAbandoned(): boolean {
    return !this.#isKept && this.#call.asker.hasLeft
  }

  sent(priceMicroUsd: number): void {
    this.microUsd += priceMicroUsd
    this.#call.meter.sent(priceMicroUsd)
  }

  refunded(microUsd: number): void {
    this.microUsd -= microUsd
    this.#call.meter.refunded(microUsd)
  }

  end(): void {
    this.#call.asker.offLeave(this.#leave)
  }
}

/** Of what has the same members in the same order. Neither keys nor inputs are kept as they came. */
function toDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
