// The ledger of a day: what each process holds of the day's budget, in Redis, for all to see. Knows how to enter and to
// hear of it; how much to hold, and what for, is the business of `spend.ts`.
import type { Redis } from './redis.js'

/** What one process holds. Only its owner writes a new one, and numbers it, so that the later of two is known. */
export type Entry = { readonly count: number; readonly heldMicroUsd: number }

export type Claim = {
  /** What the process holds already, and goes on holding whatever the answer is. */
  readonly keptMicroUsd: number
  /** What it would like to hold, at least `keptMicroUsd`. */
  readonly wishedMicroUsd: number
  /** What all may hold together. */
  readonly limitMicroUsd: number
  /** What it knows of the others, by owner. */
  readonly known: ReadonlyMap<string, Entry>
}

export type Answer = {
  /** What now stands in the ledger as held by this process. */
  readonly heldMicroUsd: number
  /** The rest of the ledger, by owner. */
  readonly others: ReadonlyMap<string, Entry>
  /** Whether anything is given out: not yet, if one who knows more may still have to tell. */
  readonly isOpen: boolean
}

export type Ledger = {
  /** Enters what this process holds, and more if there is more. `undefined` without an answer. Never rejects. */
  claim(date: string, claim: Claim): Promise<Answer | undefined>
  /** Calls back for each change that another process makes, before any later answer; and when a claim is due. */
  listen(listener: LedgerListener): void
}

type LedgerListener = {
  readonly onChange: (date: string, owner: string, entry: Entry) => void
  /** A connection has come up, or somebody found the ledger gone: what is known here has to be told. */
  readonly onDue: () => void
}

export type LedgerOptions = {
  /** What all keys of the account begin with. */
  readonly prefix: string
  /** Tells this process from all others. */
  readonly owner: string
  /** After so long every living process has a connection again. */
  readonly reunionMs?: number
}

const KEPT_MS = 2 * 86_400_000

/**
 * `whole`: it has heard of all that others have told since it saw an open ledger, or since it called for reports and
 * gave everybody the time to come back and tell. Its word is enough to open a ledger. `waiting`: it has called.
 */
type State = 'new' | 'waiting' | 'whole'

// Key: the ledger of a day, with an entry for each owner, and `open` once it gives out. Somebody who is new finds it
// open and can trust it, unless Redis has just started, perhaps with what it knew long ago; or calls for reports. If
// nobody else is there to hear the call, it opens the ledger itself. Reports go by message too, so that they are not
// lost with the ledger.
const CLAIM = `
local owner, count, kept, wished = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local limit, state, isAsked, reunionMs = tonumber(ARGV[5]), ARGV[6], ARGV[7] == 'asked', tonumber(ARGV[8])
local channel, date, keptMs, firstKnown = ARGV[9], ARGV[10], ARGV[11], 12

local function read(entry)
  local count, held = string.match(entry or '', '^(%d+):(%d+)$')
  return tonumber(count) or -1, tonumber(held) or 0
end

local ledger, entries = redis.pcall('HGETALL', KEYS[1]), {}
if ledger.err then redis.call('DEL', KEYS[1]) end
for i = 1, #ledger, 2 do entries[ledger[i]] = ledger[i + 1] end
for i = firstKnown, #ARGV, 2 do
  local name, entry = ARGV[i], ARGV[i + 1]
  if read(entry) > read(entries[name]) then
    entries[name] = entry
    redis.call('HSET', KEYS[1], name, entry)
  end
end
local before, heldBefore = read(entries[owner])
if before >= count then return false end

local wasOpen, isOpen = entries.open == '1', state == 'whole'
if not isOpen then
  local time, info = redis.call('TIME'), redis.pcall('INFO', 'server')
  local upSeconds = tonumber(type(info) == 'string' and string.match(info, 'uptime_in_seconds:(%d+)') or nil)
  -- It may have started at any time within its first second.
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
-- Whatever is refused, be it to write or to tell, is so before the entry changes.
redis.call('HSET', KEYS[1], 'open', isOpen and '1' or '')
redis.call('PEXPIRE', KEYS[1], keptMs)
for name, entry in pairs(entries) do
  local isNews = name == owner and isOpen and held ~= heldBefore
  if isNews or isAsked then redis.call('PUBLISH', channel, date .. ' ' .. name .. ' ' .. entry) end
end
redis.call('HSET', KEYS[1], owner, entries[owner])
return {held, isOpen and 1 or 0, redis.call('HGETALL', KEYS[1])}`

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

/** `undefined` for whatever a peer that is no Redis may say. */
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
