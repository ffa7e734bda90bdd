// Fields and subscriptions of tasks. Each look-up goes through the operation's one loader, as those of files do.
import type { GraphQLError } from 'graphql'
import { FileError } from '../errors.js'
import { isEnded, parseTaskId, type Task, type TaskKind } from '../task.js'
import type { Context } from './context.js'
import { type Failure, orFail, orThrow, toFailure, toGraphQLError } from './failure.js'
import { findOrThrow } from './find.js'
import type { QueryResolvers, Resolvers } from './generated.js'
import { once } from './subscription.js'

const TYPENAMES = { video: 'VideoTask', speech: 'SpeechTask' } as const

/** How long an answer with an ended task may be reused. The task never changes, but its file may be deleted. */
const ENDED_REUSE_MS = 900_000

export const taskQueries: Pick<
  QueryResolvers,
  'videoTask' | 'videoTaskResult' | 'speechTask' | 'speechTaskResult'
> = {
  videoTask: (_, { id }, context) => findRoot('video', id, context),
  videoTaskResult: (_, { id }, context) => findResult('video', id, context),
  speechTask: (_, { id }, context) => findRoot('speech', id, context),
  speechTaskResult: (_, { id }, context) => findResult('speech', id, context),
}

const fields = {
  file: ({ fileId }: Task, _: unknown, context: Context) =>
    fileId === null ? null : findOrThrow(fileId, null, context),
  retryAfterSeconds: ({ nextReportAtMs }: Task, _: unknown, { nowMs }: Context) =>
    nextReportAtMs === null ? null : Math.max(1, Math.ceil((nextReportAtMs - nowMs()) / 1000)),
  failure: ({ failure }: Task, _: unknown, context: Context) => failure && toFailure(failure, context),
}

export const tasks: Pick<
  Resolvers,
  'VideoTask' | 'SpeechTask' | 'Task' | 'VideoTaskResult' | 'SpeechTaskResult' | 'Subscription'
> = {
  VideoTask: { ...fields, __resolveReference: ({ id }, context) => findCopy('video', id, context) },
  SpeechTask: { ...fields, __resolveReference: ({ id }, context) => findCopy('speech', id, context) },
  Task: { __resolveType: ({ kind }) => TYPENAMES[kind] },
  VideoTaskResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'VideoTask') },
  SpeechTaskResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'SpeechTask') },
  Subscription: {
    videoTask: { subscribe: (_, { id }, context) => follow('video', id, context), resolve },
    speechTask: { subscribe: (_, { id }, context) => follow('speech', id, context), resolve },
  },
}

/** Rejects with a `FileError`. The id of an entity's representation may be anything. */
async function find(kind: TaskKind, id: unknown, context: Context): Promise<Task> {
  const taskId = parseTaskId(id)
  if (taskId === undefined) throw new FileError('INVALID_TASK_ID')
  const task = await context.files.loadTask(kind, taskId)
  context.reuse.served(isEnded(task) ? context.nowMs() + ENDED_REUSE_MS : 0)
  if (task.fileId !== null) context.reuse.tagFileOf(TYPENAMES[kind], taskId, task.fileId)
  return task
}

function findRoot(kind: TaskKind, id: string, context: Context): Promise<Task> {
  context.reuse.tagRoot([id], TYPENAMES[kind])
  return orThrow(find(kind, id, context), context)
}

function findResult(kind: TaskKind, id: string, context: Context): Promise<Task | Failure> {
  context.reuse.tagRoot([id], TYPENAMES[kind])
  return orFail(find(kind, id, context), context)
}

/** A copy, since @apollo/subgraph adds `__typename` to what it gets, and the task may be shared. */
async function findCopy(kind: TaskKind, id: unknown, context: Context): Promise<Task> {
  return { ...(await orThrow(find(kind, id, context), context)) }
}

/** The last event may be a failure: `resolve` throws it, so that the client gets it with the path of its field. */
type TaskEvent = Task | GraphQLError

function follow(kind: TaskKind, id: string, context: Context): AsyncIterableIterator<TaskEvent, undefined> {
  const taskId = parseTaskId(id)
  if (taskId === undefined) return once(toGraphQLError(new FileError('INVALID_TASK_ID'), context))
  const tasks = context.follow(kind, taskId)
  const events: AsyncIterableIterator<TaskEvent, undefined> = {
    next: () =>
      tasks.next().catch((error: unknown) => ({ done: false, value: toGraphQLError(error, context) })),
    return: async () => {
      await tasks.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => events,
  }
  return events
}

function resolve(event: TaskEvent): Task {
  if (event instanceof Error) throw event
  return event
}
