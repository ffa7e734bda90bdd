// Tickets: links to this server that need no token, since they are signed. What they say can be read by whoever has one,
// and changed by nobody. Each is good for one use only.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { type FileId, parseFileId } from '../../file.js'
import type { Upload } from '../../upload.js'

/** What a ticket is good for: one for another use is no ticket. */
type Use = 'content' | 'upload'

export type Tickets = {
  sign(use: Use, text: string): string
  /** The text that was signed; `undefined` for a ticket that is not good. */
  read(use: Use, ticket: string): string | undefined
}

export function createTickets(secret: Uint8Array): Tickets {
  // Over the letters as they stand: the same bytes can be written in several ways.
  const toMac = (use: Use, body: string) =>
    createHmac('sha256', secret).update(`${use}\n${body}`).digest('base64url')
  return {
    sign: (use, text) => {
      const body = Buffer.from(text).toString('base64url')
      return `${body}.${toMac(use, body)}`
    },
    read: (use, ticket) => {
      const [, body, mac] = /^([\w-]+)\.([\w-]{43})$/.exec(ticket) ?? []
      if (body === undefined || mac === undefined) return undefined
      const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(toMac(use, body)))
      return isOurs ? Buffer.from(body, 'base64url').toString() : undefined
    },
  }
}

/** Tickets for a file's bytes, until an end. */
export type ContentTickets = {
  issue(id: FileId): string
  /** `undefined` for one that is forged or has ended. */
  read(ticket: string): FileId | undefined
}

export type ContentTicketOptions = {
  /** Unix time in milliseconds. */
  readonly nowMs: () => number
  readonly lifeMs: number
}

export function createContentTickets(
  tickets: Tickets,
  { nowMs, lifeMs }: ContentTicketOptions,
): ContentTickets {
  return {
    issue: (id) => tickets.sign('content', `${id}.${nowMs() + lifeMs}`),
    read: (ticket) => {
      const [id, endMs] = tickets.read('content', ticket)?.split('.') ?? []
      return Number(endMs) > nowMs() ? parseFileId(id) : undefined
    },
  }
}

/** A ticket to upload one file. */
export type UploadTicket = {
  readonly upload: Upload
  /** What its bytes must be, in hexadecimal. */
  readonly sha256: string | undefined
  /** Who asked for it, for the log. */
  readonly name: string | null
  /** Unix time in milliseconds. */
  readonly untilMs: number
  /** By which it is told from others. */
  readonly key: string
}

/** Tickets for uploads, until an end. */
export type UploadTickets = {
  issue(ticket: Omit<UploadTicket, 'untilMs' | 'key'>): { readonly ticket: string; readonly untilMs: number }
  /** `undefined` for one that is forged, has ended, or is of another account. */
  read(ticket: string): UploadTicket | undefined
}

export type UploadTicketOptions = ContentTicketOptions & {
  /** Whose files they are. */
  readonly account: string
  readonly toKey: () => string
}

export function createUploadTickets(
  tickets: Tickets,
  { nowMs, lifeMs, account, toKey }: UploadTicketOptions,
): UploadTickets {
  return {
    issue: ({ upload, sha256, name }) => {
      const untilMs = nowMs() + lifeMs
      const ticket: UploadTicket = { upload, sha256, name, untilMs, key: toKey() }
      return { ticket: tickets.sign('upload', JSON.stringify({ ...ticket, account })), untilMs }
    },
    read: (text) => {
      const signed = tickets.read('upload', text)
      if (signed === undefined) return undefined
      const { account: owner, ...ticket } = JSON.parse(signed) as UploadTicket & { readonly account: string }
      return owner === account && ticket.untilMs > nowMs() ? ticket : undefined
    },
  }
}
