// The files of the sandbox: seeded, uploaded, or made by tasks. It knows from when to when each can be found, and nothing
// about HTTP.

import type { Behaviour } from '../behaviour.js'
import type { Body } from '../body.js'
import { contents } from '../content.js'
import { DEFAULT_LINK_LIFETIME_SECONDS, type LinkForm, type SandboxFile } from '../seed.js'

export type Held = {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  /** Unix time. */
  readonly createdAtSeconds: number
  readonly body: Body
  readonly link: LinkForm
  readonly linkLifetimeSeconds: number
  readonly backup: boolean
  readonly uploaded: boolean
  /** It is not found before this time, when its task is done. */
  readonly foundFromMs: number
  /** Frees the space of its bytes, once it can no longer be found. */
  release?(): void
}

export type Library = ReturnType<typeof createLibrary>

/** Ids hold the milliseconds since then, shifted left by 12 (inferred from published pairs). */
const EPOCH_MS = Date.parse('2023-04-15T10:00:00Z')

export function fromSeed(file: SandboxFile): Held {
  return {
    id: file.id,
    filename: file.filename,
    purpose: file.purpose,
    createdAtSeconds: Date.parse(file.createdAt) / 1_000,
    body: contents[file.content],
    link: file.link,
    linkLifetimeSeconds: file.linkLifetimeSeconds ?? DEFAULT_LINK_LIFETIME_SECONDS,
    backup: file.backup ?? false,
    uploaded: false,
    foundFromMs: Number.NEGATIVE_INFINITY,
  }
}

export function createLibrary(
  seeds: readonly SandboxFile[],
  { now, behaviour }: { readonly now: () => number; readonly behaviour: () => Behaviour },
) {
  const files = new Map(seeds.map((file) => [file.id, fromSeed(file)]))
  /** Deleted, but still found until the lag is over. */
  const goneFromMs = new Map<string, number>()
  let lastMinted = 0n

  function drop(id: string): void {
    files.get(id)?.release?.()
    files.delete(id)
    goneFromMs.delete(id)
  }

  function sweep(): void {
    for (const [id, fromMs] of goneFromMs) if (now() >= fromMs) drop(id)
  }

  function find(id: string): Held | undefined {
    if (goneFromMs.size > 0) sweep()
    const file = files.get(id)
    return file && now() >= file.foundFromMs ? file : undefined
  }

  return {
    find,

    /** In the order in which they were added. */
    list(): Held[] {
      sweep()
      return [...files.values()].filter(({ foundFromMs }) => now() >= foundFromMs)
    },

    add(file: Held): void {
      files.set(file.id, file)
    },

    /** A file that is found, and not only because its deletion lags. */
    findToDelete(id: string): Held | undefined {
      const file = find(id)
      return goneFromMs.has(id) ? undefined : file
    },

    delete(id: string): void {
      goneFromMs.set(id, now() + behaviour().deleteLagMs)
      sweep()
    },

    /** Removes a file, even one that is not found yet. */
    drop,

    /** An id that is new in this sandbox, built as the upstream seems to build its ids. */
    mint(): string {
      const made = BigInt(Math.max(0, Math.floor(now()) - EPOCH_MS)) << 12n
      lastMinted = made > lastMinted ? made : lastMinted + 1n
      while (files.has(String(lastMinted))) lastMinted++
      return String(lastMinted)
    },
  }
}
