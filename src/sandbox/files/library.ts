// The files that the sandbox holds: the seeded ones, what was uploaded, and what tasks made. It knows when each can be
// seen; it knows nothing of HTTP.

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
  /** Before this time nobody finds it: a file whose task is not done. */
  readonly foundFromMs: number
  /** Frees what its bytes take, once it cannot be found any more. */
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
  /** Deleted, and found as long as a lag lasts. */
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

    /** Oldest of its kind first: in the order they were added. */
    list(): Held[] {
      sweep()
      return [...files.values()].filter(({ foundFromMs }) => now() >= foundFromMs)
    },

    add(file: Held): void {
      files.set(file.id, file)
    },

    /** What is found, and not only because a deletion lags behind. */
    findToDelete(id: string): Held | undefined {
      const file = find(id)
      return goneFromMs.has(id) ? undefined : file
    },

    delete(id: string): void {
      goneFromMs.set(id, now() + behaviour().deleteLagMs)
      sweep()
    },

    /** Forgets a file that may not be found yet. */
    drop,

    /** An id that no file and no task of this sandbox has, made as the upstream seems to make them. */
    mint(): string {
      const made = BigInt(Math.max(0, Math.floor(now()) - EPOCH_MS)) << 12n
      lastMinted = made > lastMinted ? made : lastMinted + 1n
      while (files.has(String(lastMinted))) lastMinted++
      return String(lastMinted)
    },
  }
}
