// The deadline that is fair: what counts is the time in which our own loop could have read an answer.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../src/cache/patience.js'
import { holdTime, watch } from './helpers/time.js'

const DEADLINE_MS = 40

describe('waitFor', () => {
  it('gives what the work has come to, and leaves no timer behind', async () => {
    const time = holdTime()
    expect(await waitFor(Promise.resolve('a'), DEADLINE_MS)).toEqual({ value: 'a' })
    const error = new Error('broken')
    expect(await waitFor(Promise.reject(error), DEADLINE_MS)).toEqual({ error })
    expect(time.count()).toBe(0)
  })

  it('ends without an answer at the deadline, and not before', async () => {
    const time = holdTime()
    const ending = watch(waitFor(new Promise(() => {}), DEADLINE_MS))
    await time.pass(DEADLINE_MS - 1)
    expect(ending.isOver).toBe(false)
    await time.pass(1)
    expect(ending.isOver).toBe(true)
    expect(await ending.promise).toBeUndefined()
    expect(time.count()).toBe(0)
  })
})

describe('an answer on a socket', () => {
  // Not over TCP: here what one end has written has arrived at the other, before anybody reads it.
  let answers: Socket
  let asker: Socket
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patience-'))
    const server = createServer().listen(join(folder, 'socket'))
    const taken = once(server, 'connection')
    asker = createConnection(join(folder, 'socket'))
    answers = (await taken)[0]
    return () => {
      asker.destroy()
      answers.destroy()
      server.close()
      rmSync(folder, { recursive: true })
    }
  })

  const ask = () =>
    waitFor(
      new Promise<string>((resolve) => asker.once('data', (text) => resolve(String(text)))),
      DEADLINE_MS,
    )

  it('is taken when it has come by the deadline, and nobody has read it yet', async () => {
    const later = setTimeout
    const time = holdTime()
    const ending = ask()
    await time.pass(DEADLINE_MS - 1)
    // Timers go off before the loop looks at its sockets.
    await new Promise<void>((resolve) =>
      later(() => {
        answers.write('late')
        vi.advanceTimersByTime(1)
        resolve()
      }, 1),
    )
    expect(await ending).toEqual({ value: 'late' })
  })

  it('is taken when our own loop was busy past the deadline before it came', async () => {
    const ending = ask()
    block(2 * DEADLINE_MS)
    // The loop finds the time passed, and its sockets empty.
    for (let i = 0; i < 2; i++) await turn()
    answers.write('later')
    expect(await ending).toEqual({ value: 'later' })
  })
})

function block(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
