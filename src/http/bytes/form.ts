// An upload as a form: `purpose`, then `file`, which is the last. Its size follows from that of the form, which must end as
// forms do; if it does not, the file turns out to be of another size than announced.
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { FileError } from '../../errors.js'
import { Refused } from './failure.js'

export type Form = {
  readonly purposeName: string
  readonly filename: string
  /** Of the file, if the form ends with it. */
  readonly bytes: number
  readonly file: Readable
  /** From now on tells of what is wrong with the form. */
  watch(fail: (error: unknown) => void): void
  /** Resolves when all of the form has come, if it was right. */
  readonly ended: Promise<void>
}

export type FormOptions = {
  /** Of the whole request. */
  readonly bytes: number
  /** What the whole of it should be, in hexadecimal. */
  readonly digest: string | undefined
}

/** What may stand before the file, purpose and heads included. */
const MAX_HEAD_BYTES = 65_536
const FORM_LIMITS = { files: 1, fields: 16, parts: 16, fieldSize: 1024, headerPairs: 32, headerSize: 8192 }
const HEAD_END = '\r\n\r\n'
const LINE_END = 0x0a

/** The boundary of a form, in the characters that RFC 2046 allows; `undefined` for what is none. */
export function parseBoundary(type = ''): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]*)"|([^\s;]*))/i.exec(type) ?? []
  const boundary = quoted ?? plain ?? ''
  return /^[\w'()+,./:=?-]{1,70}$/.test(boundary) ? boundary : undefined
}

/** Resolves at the beginning of the file. Rejects with what is wrong by then; reads nothing further in that case. */
export function readForm(request: IncomingMessage, boundary: string, options: FormOptions): Promise<Form> {
  return new Promise((resolve, reject) => new Reader(request, boundary, options, resolve, reject).start())
}

class Reader {
  readonly #request: IncomingMessage
  readonly #options: FormOptions
  readonly #boundary: string
  readonly #busboy: BusboyInstance
  /** Of all of it, where it is told what that should be. */
  readonly #hash: Hash | undefined
  readonly #resolve: (form: Form) => void
  readonly #ended: Promise<void>
  #end!: () => void
  #fail: (error: unknown) => void
  #purposeName: string | undefined
  #hasFile = false
  /** So many bytes were read, and their last ones. */
  #bytes = 0
  #last = ''
  /** Where the last head ended. */
  #headEnd = 0

  constructor(
    request: IncomingMessage,
    boundary: string,
    options: FormOptions,
    resolve: (form: Form) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request
    this.#boundary = boundary
    this.#options = options
    this.#hash = options.digest === undefined ? undefined : createHash('sha256')
    this.#resolve = resolve
    let rejectEnd = reject
    this.#ended = new Promise((resolveEnd, onError) => {
      this.#end = resolveEnd
      rejectEnd = onError
    })
    this.#ended.catch(() => {}) // nobody may be waiting for it yet
    this.#fail = (error) => {
      reject(error)
      rejectEnd(error)
    }
    const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` }
    this.#busboy = new Busboy({
      headers,
      limits: FORM_LIMITS,
      isPartAFile: (name, _, filename) => name === 'file' || filename !== undefined,
    })
  }

  start(): void {
    const refuse = (message: string) => () => this.#fail(new Refused(400, message))
    this.#busboy.on('field', (name, value, _, isCut) => this.#takeField(name, value, isCut))
    this.#busboy.on('file', (name, file, filename) => this.#takeFile(name, file, filename))
    this.#busboy.on('filesLimit', refuse('Send one file in a form.'))
    this.#busboy.on('fieldsLimit', refuse('The form has too many fields.'))
    this.#busboy.on('partsLimit', refuse('The form has too many parts.'))
    this.#busboy.on('error', refuse('The body is not a complete form.'))
    this.#busboy.on('finish', () => this.#finish())
    this.#request.on('data', (chunk: Buffer) => {
      this.#request.pause()
      this.#hash?.update(chunk)
      this.#feed(chunk).then(
        () => this.#request.resume(),
        (error) => this.#fail(error),
      )
    })
    this.#request.once('end', () => this.#busboy.end())
  }

  /** Line by line up to the file, so that it shows where the file begins. */
  async #feed(chunk: Buffer): Promise<void> {
    let rest = chunk
    while (!this.#hasFile && rest.length > 0) {
      const end = rest.indexOf(LINE_END)
      const line = end < 0 ? rest : rest.subarray(0, end + 1)
      rest = rest.subarray(line.length)
      this.#bytes += line.length
      await this.#write(line)
      this.#last = (this.#last + line.toString('latin1')).slice(-HEAD_END.length)
      if (this.#last === HEAD_END) this.#headEnd = this.#bytes
      if (!this.#hasFile && this.#bytes > MAX_HEAD_BYTES)
        throw new Refused(400, 'The form has too much before its file.')
    }
    if (rest.length > 0) await this.#write(rest)
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => void this.#busboy.write(bytes, () => resolve()))
  }

  #takeField(name: string, value: string, isCut: boolean): void {
    if (name !== 'purpose') return
    if (this.#hasFile) this.#fail(new Refused(400, 'Send the purpose before the file.'))
    else if (this.#purposeName !== undefined || isCut)
      this.#fail(new Refused(400, 'Send one purpose, once, of at most 64 characters.'))
    else this.#purposeName = value
  }

  #takeFile(name: string, file: Readable, filename: string): void {
    this.#hasFile = true
    file.on('error', () => {}) // the error of the form says more
    if (name !== 'file' || !filename)
      this.#fail(new Refused(400, 'Send the file as the part "file", with a filename.'))
    else if (this.#purposeName === undefined)
      this.#fail(new Refused(400, 'Send the purpose before the file.'))
    else
      this.#resolve({
        purposeName: this.#purposeName,
        filename,
        bytes: this.#options.bytes - this.#headEnd - `\r\n--${this.#boundary}--\r\n`.length,
        file,
        watch: (fail) => {
          this.#ended.catch(fail)
        },
        ended: this.#ended,
      })
  }

  #finish(): void {
    const { digest } = this.#options
    if (!this.#hasFile) this.#fail(new Refused(400, 'The form has no file.'))
    else if (digest !== this.#hash?.digest('hex')) this.#fail(new FileError('DIGEST_MISMATCH'))
    else this.#end()
  }
}
