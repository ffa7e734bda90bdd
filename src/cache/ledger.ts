// The ledger of a day: what each process holds of the day's budget, in Redis. This file knows how to read, write and restore
// it. How much a process should hold is decided in spend.ts and day.ts.
import type { Redis } from './redis.js'

/** What one process holds. Only its owner changes it; the count tells which of two versions is newer. */
export type Entry = { readonly count: number; readonly heldMicroUsd: number }

export type Claim = {
  /** What the process keeps, whatever the answer. */
  readonly keptMicroUsd: number
  /** What it would like to hold; at least `keptMicroUsd`. */
  readonly wishedMicroUsd: number
  /** What all processes together may hold. */
  readonly limitMicroUsd: number
  /** What it knows of the other processes, by owner. */
  readonly known: ReadonlyMap<string, Entry>
}

export type Answer = {
  /** What the ledger now says that this process holds. */
  readonly heldMicroUsd: number
  /** What it says of the others, by owner. */
  readonly others: ReadonlyMap<string, Entry>
  /** Whether the ledger gives out money. Not yet, while a process that knows more may still have to report. */
  readonly isOpen: boolean
}

export type Ledger = {
  /** Enters what this process holds, raised towards its wish if the limit allows. `undefined` without an answer. Never rejects. */
  claim(date: string, claim: Claim): Promise<Answer | undefined>
  /** Calls back for each change by another process, before any later answer, and when a claim is due. */
  listen(listener: LedgerListener): void
}

type LedgerListener = {
  readonly onChange: (date: string, owner: string, entry: Entry) => void
  /** A connection was made, or a process found the ledger empty: this process must report what it knows. */
  readonly onDue: () => void
}

export type LedgerOptions = {
  /** The prefix of the account's keys. */
  readonly prefix: string
  /** A name of this process, unique over all processes. */
  readonly owner: string
  /** How long it takes at most until every running process has reconnected. */
  readonly reunionMs?: number
}

const KEPT_MS = 2 * 86_400_000

/**
 * What a process knows of the ledger. `new`: it has just connected. `waiting`: it found no open ledger and asked the
 * others to report. `whole`: it has seen an open ledger, or has waited `reunionMs` for reports, and has heard every change since. Only
 * a `whole` process may open a ledger.
 */
type State = 'new' | 'waiting' | 'whole'

// The ledger is a hash with one entry per owner, `count:held`, and a field `open` that says whether it gives out money.
// A process that is new trusts an open ledger, unless Redis started less than `reunionMs` ago and may have lost it or loaded an
// old copy. Else it asks the others to report, or opens the ledger by itself if nobody else listens. Reports are published
// too, so that they are not lost together with the ledger.
const CLAIM = `
local ledgerKey = unpack(KEYS)
local owner, count, kept, wished, limit, state, asked, reunion, channel, date, keptMs = unpack(ARGV, 1, 11)
local firstKnown = 12 -- from here on: names and entries of other processes, in turn
count, kept, wished, limit = tonumber(count), tonumber(kept), tonumber(wished), tonumber(limit)
local isAsked, reunionMs = asked == 'asked', tonumber(reunion)

local function read(entry)
  local count, held = string.match(entry or '', '^(%d+):(%d+)$')
  return tonumber(count) or -1, tonumber(held) or 0
end

local ledger, entries = redis.pcall('HGETALL', ledgerKey), {}
if ledger.err then redis.call('DEL', ledgerKey) end
for i = 1, #ledger, 2 do entries[ledger[i]] = ledger[i + 1] end
for i = firstKnown, #ARGV, 2 do
  local name, entry = ARGV[i], ARGV[i + 1]
  if read(entry) > read(entries[name]) then
    entries[name] = entry
    redis.call('HSET', ledgerKey, name, entry)
  end
end
local before, heldBefore = read(entries[owner])
if before >= count then return false end

local wasOpen, isOpen = entries.open == '1', state == 'whole'
if not isOpen then
  local time, info = redis.call('TIME'), redis.pcall('INFO', 'server')
  local upSeconds = tonumber(type(info) == 'string' and string.match(info, 'uptime_in_seconds:(%d+)') or nil)
  -- The uptime is in whole seconds, so it may be almost a second shorter than it says.
  local upMs = upSeconds and (upSeconds - 1) * 1000 + math.floor(time[2] / 1000)
  isOpen = wasOpen and (not upMs or upMs >= reunionMs)
  if not isOpen and state == 'new' then
    local isAlone = redis.call('PUBLISH', channel, '') <= 1
    isOpen = isAlone and upMs and upMs >= reunionMs
    isAsked = true
  end
end

local others = 0
for name, entry in pairs(entries) do
  local _, held = read(entry)
  if name ~= owner then others = others + held end
end
local held = kept
if isOpen then held = math.max(kept, math.min(wished, limit - others)) end
entries[owner] = string.format('%.0f:%.0f', count, held)
-- Writes and messages that Redis may refuse come first, so that a refusal leaves our entry as it was.
redis.call('HSET', ledgerKey, 'open', isOpen and '1' or '')
redis.call('PEXPIRE', ledgerKey, keptMs)
for name, entry in pairs(entries) do
  local isNews = name == owner and isOpen and held ~= heldBefore
  if isNews or isAsked then redis.call('PUBLISH', channel, date .. ' ' .. name .. ' ' .. entry) end
end
redis.call('HSET', ledgerKey, owner, entries[owner])
return {held, isOpen and 1 or 0, redis.call('HGETALL', ledgerKey)}`

export function createLedger(redis: Redis, { prefix, owner, reunionMs = 3000 }: LedgerOptions): Ledger {
  const channel = `${prefix}:spend`
  let state: State = 'new'
  let isAsked = false
  let claims = 0
  let reunion: NodeJS.Timeout | undefined

  function enter(next: State): void {
    state = next
    clearTimeout(reunion)
    if (next === 'waiting') reunion = setTimeout(enter, reunionMs, 'whole').unref()
  }

  return {
    claim: async (date, { keptMicroUsd, wishedMicroUsd, limitMicroUsd, known }) => {
      const sums = [++claims, keptMicroUsd, wishedMicroUsd, limitMicroUsd].map(String)
      const terms = [state, isAsked ? 'asked' : '', String(reunionMs), channel, date, String(KEPT_MS)]
      const entries = [...known].flatMap(([name, entry]) => [name, `${entry.count}:${entry.heldMicroUsd}`])
      const wasAsked = isAsked
      isAsked = false
      const reply = await redis.run(CLAIM, [`${channel}:${date}`], [owner, ...sums, ...terms, ...entries])
      const answer = parseAnswer(reply, owner)
      if (answer?.isOpen) enter('whole')
      else if (answer && state === 'new') enter('waiting')
      if (!answer) isAsked ||= wasAsked
      return answer
    },
    listen: ({ onChange, onDue }) => {
      redis.listen(channel, (message) => {
        if (message === '') {
          isAsked = true
          return onDue()
        }
        const [date = '', name = '', text = ''] = message.split(' ')
        const entry = parseEntry(text)
        if (entry && name !== owner) onChange(date, name, entry)
      })
      redis.onUp(() => {
        enter('new')
        onDue()
      })
    },
  }
}

/** `undefined` for a reply of another form, as from a server that is not Redis. */
function parseAnswer(reply: unknown, owner: string): Answer | undefined {
  const [heldMicroUsd, isOpen, ledger] = Array.isArray(reply) ? (reply as unknown[]) : []
  if (!isCount(heldMicroUsd) || !Array.isArray(ledger)) return undefined
  const others = new Map<string, Entry>()
  for (let index = 0; index < ledger.length; index += 2) {
    const [name, text] = ledger.slice(index, index + 2).map(String)
    const entry = parseEntry(text)
    if (entry && name !== undefined && name !== owner) others.set(name, entry)
  }
  return { heldMicroUsd, isOpen: isOpen === 1, others }
}

function parseEntry(text = ''): Entry | undefined {
  const [count, heldMicroUsd] = /^\d{1,15}:\d{1,15}$/.test(text) ? text.split(':').map(Number) : []
  return count === undefined || heldMicroUsd === undefined ? undefined : { count, heldMicroUsd }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
