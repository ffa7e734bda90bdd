// The files of one operation, each looked up once: from memory if possible, else by the loader's source.
import type { Call, FileAnswer, FileId, Files } from '../../file.js'
import { type Outcomes, toError } from '../../loader.js'

/** From this number on, a map is faster than a linear search. */
const MANY = 8

export class Lookups {
  readonly ids: FileId[] = []
  readonly #files: Files
  readonly #outcomes: (FileAnswer | Error | undefined)[] = []
  #places: Map<FileId, number> | undefined

  constructor(files: Files) {
    this.#files = files
  }

  /** The place of the file in `ids`; it is added if it is new. */
  place(id: FileId): number {
    const known = this.#places ? (this.#places.get(id) ?? -1) : this.ids.indexOf(id)
    if (known >= 0) return known
    const place = this.ids.push(id) - 1
    this.#places?.set(id, place)
    if (place === MANY) this.#places = new Map(this.ids.map((each, index) => [each, index]))
    return place
  }

  /** The file's answer, if it is in memory. */
  peek(place: number): FileAnswer | undefined {
    const id = this.ids[place]
    if (id !== undefined) this.#outcomes[place] ??= this.#files.peek(id)
    return this.answer(place)
  }

  /** Whether memory has all of them. */
  peekAll(): boolean {
    let hasAll = true
    for (let place = 0; place < this.ids.length; place++) if (!this.peek(place)) hasAll = false
    return hasAll
  }

  /** The file's answer; `undefined` if it was not asked for or its look-up failed. */
  answer(place: number): FileAnswer | undefined {
    const outcome = this.#outcomes[place]
    return outcome instanceof Error ? undefined : outcome
  }

  /** Resolves when each has its answer or has failed. */
  findRest(call: Call): Promise<unknown> {
    const found: Promise<void>[] = []
    for (const [place, id] of this.ids.entries())
      if (this.#outcomes[place] === undefined) found.push(this.#find(place, id, call))
    return found.length === 1 && found[0] ? found[0] : Promise.all(found)
  }

  #find(place: number, id: FileId, call: Call): Promise<void> {
    return this.#files.find(id, call).then(
      (answer) => {
        this.#outcomes[place] = answer
      },
      (reason: unknown) => {
        this.#outcomes[place] = toError(reason)
      },
    )
  }

  toOutcomes(): Outcomes {
    const outcomes = new Map<FileId, FileAnswer | Error>()
    for (const [place, outcome] of this.#outcomes.entries()) {
      const id = this.ids[place]
      if (id !== undefined && outcome !== undefined) outcomes.set(id, outcome)
    }
    return outcomes
  }
}
