// Which requests are here, on which connection, and what of their answers has not gone out.
import { EventEmitter, once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPresence } from '../src/http/presence.js'
import { Visit } from '../src/http/visit.js'
import { connect } from './helpers/socket.js'

/** The server's side of a connection. */
async function accept(): Promise<Socket> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address?.port
  const [[socket]] = await Promise.all([once(server, 'connection'), connect(`http://127.0.0.1:${port}`)])
  onTestFinished(() => void socket.destroy())
  return socket
}

/** A response as far as presence looks at it. */
type Response = EventEmitter & {
  writableFinished: boolean
  writableLength: number
  setTimeout(ms: number, callback: () => void): void
}

function createVisit(socket: Socket, request: object = { complete: true }) {
  const timeouts: (() => void)[] = []
  const response: Response = Object.assign(new EventEmitter(), {
    writableFinished: false,
    writableLength: 0,
    setTimeout: (_: number, callback: () => void) => void timeouts.push(callback),
  })
  const visit = new Visit(
    { id: 'r', raw: Object.assign(request, { socket }) } as never,
    { raw: response } as never,
    () => {},
  )
  const finish = () => {
    response.writableFinished = true
    response.emit('close')
  }
  return { visit, response, finish, timeouts }
}

function open() {
  const ended: Visit[] = []
  const presence = createPresence({ stallTimeoutMs: 1000 }, (visit) => ended.push(visit))
  return { presence, ended }
}

describe('a visit', () => {
  it('tells those who listen that it leaves, once, and nobody who does not any more', async () => {
    const { visit } = createVisit(await accept())
    const told: string[] = []
    const other = () => void told.push('other')
    visit.onLeave(() => void told.push('one'))
    visit.onLeave(other)
    visit.offLeave(other)
    expect([visit.hasLeft, told]).toEqual([false, []])
    visit.leave()
    visit.leave()
    expect([visit.hasLeft, told]).toEqual([true, ['one']])
  })
})

describe('presence', () => {
  it('ends a visit once, when its answer is out, and then it has not left', async () => {
    const socket = await accept()
    const { presence, ended } = open()
    const { visit, finish } = createVisit(socket)
    presence.enter(visit)
    finish()
    socket.destroy()
    await once(socket, 'close')
    expect(ended).toEqual([visit])
    expect(visit.hasLeft).toBe(false)
  })

  it('holds on to a visit that has ended no longer than its request takes to arrive', async () => {
    const socket = await accept()
    const { presence } = open()
    const request = { complete: false }
    const { visit, finish } = createVisit(socket, request)
    presence.enter(visit)
    expect(presence.isNewest(visit)).toBe(true)
    finish()
    expect([...presence.arriving()]).toEqual([visit])
    request.complete = true
    expect([...presence.arriving()]).toEqual([])
    expect(presence.isNewest(visit)).toBe(false)
    const next = createVisit(socket)
    presence.enter(next.visit)
    next.finish()
    expect(presence.isNewest(next.visit)).toBe(false)
  })

  it('makes all of a connection leave when it closes, those that wait their turn on it too, and no others', async () => {
    const [socket, other] = await Promise.all([accept(), accept()])
    const { presence, ended } = open()
    const visits = [createVisit(socket), createVisit(socket), createVisit(other)].map(({ visit }) => visit)
    for (const visit of visits) presence.enter(visit)
    socket.destroy()
    await once(socket, 'close')
    expect(visits.map(({ hasLeft }) => hasLeft)).toEqual([true, true, false])
    expect(ended).toEqual(visits.slice(0, 2))
  })

  it('makes one leave that comes on a connection which was destroyed before', async () => {
    const socket = await accept()
    const { presence, ended } = open()
    socket.destroy()
    const { visit, response } = createVisit(socket)
    presence.enter(visit)
    response.writableLength = 9
    presence.answer(visit, 7)
    await once(socket, 'close')
    expect([visit.hasLeft, ended, presence.unsentBytes()]).toEqual([true, [visit], 0])
  })

  it('counts what has not gone out, until it has or its connection closes', async () => {
    const socket = await accept()
    const { presence } = open()
    const [quick, slow, stuck] = [createVisit(socket), createVisit(socket), createVisit(socket)]
    for (const each of [quick, slow, stuck]) presence.enter(each.visit)
    presence.answer(quick.visit, 100)
    slow.response.writableLength = 1
    presence.answer(slow.visit, 10)
    stuck.response.writableLength = 1
    presence.answer(stuck.visit, 5)
    expect(presence.unsentBytes()).toBe(15)
    slow.finish()
    expect(presence.unsentBytes()).toBe(5)
    socket.destroy()
    await once(socket, 'close')
    expect(presence.unsentBytes()).toBe(0)
    presence.answer(stuck.visit, 5)
    expect(presence.unsentBytes()).toBe(0)
  })

  it('cuts off who takes nothing of an answer, and has no timer for those who took it at once', async () => {
    const socket = await accept()
    const { presence } = open()
    const [quick, stuck] = [createVisit(socket), createVisit(socket)]
    for (const each of [quick, stuck]) presence.enter(each.visit)
    presence.answer(quick.visit, 100)
    stuck.response.writableLength = 1
    presence.answer(stuck.visit, 5)
    expect([quick.timeouts.length, stuck.timeouts.length]).toEqual([0, 1])
    stuck.timeouts[0]?.()
    expect(socket.destroyed).toBe(true)
  })

  it('knows after which no other has come on its connection', async () => {
    const [socket, other] = await Promise.all([accept(), accept()])
    const { presence } = open()
    const [first, second, apart] = [createVisit(socket), createVisit(socket), createVisit(other)]
    presence.enter(first.visit)
    expect(presence.isNewest(first.visit)).toBe(true)
    presence.enter(second.visit)
    presence.enter(apart.visit)
    second.finish() // its answer waits for the first one's
    expect([first, second, apart].map(({ visit }) => presence.isNewest(visit))).toEqual([false, true, true])
  })

  it('makes everybody leave on demand, without an end of their own', async () => {
    const [socket, other] = await Promise.all([accept(), accept()])
    const { presence, ended } = open()
    const visits = [createVisit(socket), createVisit(other)].map(({ visit }) => visit)
    for (const visit of visits) presence.enter(visit)
    presence.abort()
    expect(visits.map(({ hasLeft }) => hasLeft)).toEqual([true, true])
    expect(ended).toEqual([])
  })
})
