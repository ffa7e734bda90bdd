// Creates tasks: each order is checked, priced and sent once. What was sent goes on after its client has left, and is remembered.
// A creation with a key goes on from its very beginning: other requests with the key may wait for it.
import { createHash } from 'node:crypto'
import { FileError, toCode } from '../errors.js'
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
import { toPatient } from './asker.js'
import { checkOrder } from './input.js'
import type { Keys } from './keys.js'
import type { Prices } from './prices.js'

export type CreationDependencies = {
  readonly monotonicMs: () => number
  readonly prices: Prices
  readonly keys: Keys
  readonly tasks: Pick<Tasks, 'begin' | 'find'>
  /** The file that is to be spoken, whose size says what that costs. It is looked up if nothing is known of it. */
  readonly findFile: (id: FileId, call: Call) => Promise<ListedFile>
}

export function createCreations(
  source: CreateSource,
  { monotonicMs, prices, keys, tasks, findFile }: CreationDependencies,
  { timeoutMs }: { readonly timeoutMs: number },
): Creations {
  async function findPrice(order: Order, call: CreationCall): Promise<Price> {
    const id = order.kind === 'speech' ? order.input.textFileId : null
    if (id === null) return prices.find(order, undefined)
    const file = await findFile(id, call)
    if (file.purposeName !== null && file.purposeName !== 't2a_async_input')
      throw new FileError('INVALID_INPUT', { rule: 'TEXT_FILE_PURPOSE' })
    return prices.find(order, file)
  }

  /** Sends it and notes how that ended. */
  async function send(order: Order, call: CreationCall): Promise<Task> {
    const { kind } = order
    let sending: Sending | undefined
    const note = (ending: Pick<CreationEnding, 'id' | 'code'>) =>
      call.note({ kind, microUsd: sending?.microUsd ?? 0, ...ending })
    try {
      const price = await findPrice(order, call)
      sending = new Sending(call, monotonicMs() + timeoutMs)
      const { id, usageCharacters } = await source(order, price, sending)
      note({ id, code: 'OK' })
      return tasks.begin(kind, id, usageCharacters)
    } catch (error) {
      note({ id: null, code: toCode(error) })
      throw error
    } finally {
      sending?.end()
    }
  }

  /** The task's present state. If that cannot be found out, the state of a new task: it is certain that it was created. */
  function recall({ kind }: Order, { id, usageCharacters }: Created, call: CreationCall): Promise<Task> {
    return tasks.find(kind, id, call).catch((error: unknown) => {
      if (!(error instanceof FileError)) throw error
      return tasks.begin(kind, id, usageCharacters)
    })
  }

  return {
    create: async (order, key, call) => {
      checkOrder(order, key)
      if (key === null) return send(order, call)
      let task: Task | undefined
      const created = await keys.once(
        { name: toDigest([call.name, key]), digest: toDigest(order) },
        async () => {
          task = await send(order, { ...call, asker: toPatient(call.asker) })
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
  readonly #leave = () => this.isAbandoned && this.stop?.()

  constructor(call: CreationCall, deadlineMs: number) {
    this.#call = call
    this.requestId = call.asker.requestId
    this.deadlineMs = deadlineMs
    call.asker.onLeave(this.#leave)
  }

  get meter(): Meter {
    return this
  }

  get isAbandoned(): boolean {
    return this.#call.asker.hasLeft
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

/** Keys and inputs are kept as digests only. The same members in the same order have the same digest. */
function toDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
