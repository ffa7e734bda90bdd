const MASK = '[redacted]'

/** A key. It shows itself to nobody who does not ask: not to JSON, not to a template, not to an inspector. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toJSON(): string {
    return MASK
  }
  toString(): string {
    return MASK
  }
}
