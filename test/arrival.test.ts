// How long a request may take to arrive, on a clock of the test's own.
import { type FastifyInstance, fastify } from 'fastify'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { limitArrival } from '../src/http/arrival.js'
import { HTTP_LIMITS } from '../src/http/limits.js'
import type { Presence } from '../src/http/presence.js'
import { Visit } from '../src/http/visit.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

/** One request that is still arriving, of which nothing was answered yet, and what becomes of its connection. */
function watch(config: object = {}) {
  const socket = { writable: true, write: vi.fn(), destroy: vi.fn(), destroySoon: vi.fn() }
  const raw = { headersSent: false, writableFinished: false }
  const request = { id: 'r', raw: { socket }, routeOptions: { config } }
  const visit = new Visit(request as never, { raw } as never, () => {})
  const app: FastifyInstance = fastify()
  onTestFinished(() => app.close())
  const presence = { arriving: () => [visit] } as unknown as Presence
  limitArrival(app, presence, { ...HTTP_LIMITS, requestTimeoutMs: 15_000, checkIntervalMs: 1000 }, () => ({}))
  const answer = () => {
    Object.assign(raw, { headersSent: true, writableFinished: true })
    visit.endMs = performance.now()
  }
  return { socket, answer, isRefused: () => socket.write.mock.calls.length > 0 }
}

it('a request that has not arrived in time is told so', () => {
  const { isRefused } = watch()
  vi.advanceTimersByTime(15_000)
  expect(isRefused()).toBe(false)
  vi.advanceTimersByTime(1000)
  expect(isRefused()).toBe(true)
})

it('an upload has the time that it takes', () => {
  const { socket, isRefused } = watch({ upload: true })
  vi.advanceTimersByTime(3_600_000)
  expect([isRefused(), socket.destroy.mock.calls]).toEqual([false, []])
})

it.each([
  ['an upload', { upload: true }, 3_600_000],
  ['another request', {}, 14_900],
])('what is left of %s has its time from the answer on, however old it is', (_, config, ageMs) => {
  const { socket, answer } = watch(config)
  vi.advanceTimersByTime(ageMs)
  answer()
  vi.advanceTimersByTime(15_000)
  expect(socket.destroy).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2000)
  expect(socket.destroy).toHaveBeenCalled()
})
