// The tasks of one pipeline, and the files that they make. Their number is bounded: the oldest are removed.

import type { Behaviour } from '../behaviour.js'
import type { Body } from '../body.js'
import type { Library } from '../files/library.js'
import { DEFAULT_LINK_LIFETIME_SECONDS } from '../seed.js'
import type { Fate } from './fate.js'
import { type StatusWords, type TaskProgress, toProgress } from './progress.js'

export type Task = {
  readonly id: string
  readonly fileId: string
  readonly fate: Fate
  readonly startedAtMs: number
  readonly takesMs: number
}

/** The file of a task that succeeds. */
export type Product = {
  readonly filename: (fileId: string) => string
  readonly purpose: string
  readonly body: (fileId: string) => Body
}

/** The most tasks at a time. For a new one, the oldest and its file are removed. */
const MAX_TASKS = 1_000

const fruitful: ReadonlySet<Fate['kind']> = new Set(['success', 'late-file', 'unknown-outcome'])

type Sources = {
  readonly library: Library
  readonly behaviour: () => Behaviour
  readonly now: () => number
}

export type Tasks = ReturnType<typeof createTasks>

export function createTasks({ library, behaviour, now }: Sources, words: StatusWords) {
  const tasks = new Map<string, Task>()

  function forgetOldest(): void {
    const [oldest] = tasks.values()
    if (!oldest || tasks.size <= MAX_TASKS) return
    tasks.delete(oldest.id)
    library.drop(oldest.fileId)
  }

  function addFile({ fileId, fate, startedAtMs, takesMs }: Task, product: Product): void {
    const endsAtMs = startedAtMs + takesMs
    library.add({
      id: fileId,
      filename: product.filename(fileId),
      purpose: product.purpose,
      createdAtSeconds: Math.floor(endsAtMs / 1_000),
      body: product.body(fileId),
      link: 'oss-v1',
      linkLifetimeSeconds: DEFAULT_LINK_LIFETIME_SECONDS,
      backup: false,
      uploaded: false,
      foundFromMs: endsAtMs + (fate.kind === 'late-file' ? behaviour().lateFileMs : 0),
    })
  }

  return {
    create(fate: Fate, product: Product): Task {
      const { taskMs } = behaviour()
      const task = { id: library.mint(), fileId: library.mint(), fate, startedAtMs: now(), takesMs: taskMs }
      tasks.set(task.id, task)
      if (fruitful.has(fate.kind)) addFile(task, product)
      forgetOldest()
      return task
    },

    find(id: string): { readonly task: Task; readonly progress: TaskProgress } | undefined {
      const task = tasks.get(id)
      if (!task) return undefined
      const part = task.takesMs > 0 ? (now() - task.startedAtMs) / task.takesMs : 1
      return { task, progress: toProgress(task.fate, part, words) }
    },
  }
}
