// Finds the files and tasks in an answer, wherever they are.

export type SeenFile = {
  readonly id: string | undefined
  readonly filename: string | undefined
  readonly bytes: number | undefined
  readonly purpose: string | undefined
  readonly downloadUrl: string | undefined
  readonly expiresMs: number | undefined
  /** The last part of `contentUrl`. The page opens it relative to its own address, which the server may not know. */
  readonly ticket: string | undefined
}

export type SeenTask = {
  readonly id: string
  readonly kind: 'video' | 'speech'
  readonly status: string
  readonly isOver: boolean
}

type Node = Readonly<Record<string, unknown>>

const FILE_FIELDS = ['filename', 'contentUrl', 'downloadUrl']
const ENDED = ['SUCCEEDED', 'FAILED', 'EXPIRED']

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Node
  for (const each of Object.values(value)) yield* walk(each)
}

const toText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** Each file once, in the order of the answer. */
export function findFiles(body: unknown): SeenFile[] {
  const found = new Map<unknown, SeenFile>()
  for (const node of walk(readData(body))) {
    if (!FILE_FIELDS.some((name) => name in node)) continue
    const file = toFile(node)
    const key = file.id ?? file.ticket ?? file
    if (!found.get(key)?.ticket) found.set(key, file)
  }
  return [...found.values()]
}

export function findTasks(body: unknown): SeenTask[] {
  return [...walk(readData(body))].flatMap((node) => {
    const { id, status, __typename } = node
    if (
      typeof id !== 'string' ||
      typeof status !== 'string' ||
      !/^(Video|Speech)Task$/.test(String(__typename))
    )
      return []
    const kind = __typename === 'VideoTask' ? 'video' : 'speech'
    return [{ id, kind, status, isOver: ENDED.includes(status) }]
  })
}

function readData(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined
}

function toFile(node: Node): SeenFile {
  const { bytes } = node
  const expiresMs = Date.parse(String(node.downloadUrlExpiresAt))
  return {
    id: toText(node.id),
    filename: toText(node.filename),
    bytes: typeof bytes === 'number' ? bytes : undefined,
    purpose: toText(node.purpose),
    downloadUrl: toText(node.downloadUrl),
    expiresMs: Number.isNaN(expiresMs) ? undefined : expiresMs,
    ticket: /\/content\/([^/?#]+)$/.exec(String(node.contentUrl))?.[1],
  }
}

export type Look = 'image' | 'video' | 'sound' | 'text' | 'other'

const LOOKS: readonly (readonly [look: Look, endings: RegExp])[] = [
  ['image', /\.(png|jpe?g|gif|webp)$/i],
  ['video', /\.(mp4|webm|mov|m4v)$/i],
  ['sound', /\.(mp3|wav|m4a)$/i],
  ['text', /\.(txt|jsonl?|csv|md|srt|vtt)$/i],
]

/** How a file can be shown, by its name or, without a name, by its purpose. */
export function toLook({ filename, purpose }: Pick<SeenFile, 'filename' | 'purpose'>): Look {
  if (isSpeech({ purpose })) return 'sound'
  const known = LOOKS.find(([, endings]) => endings.test(filename ?? ''))?.[0]
  return known ?? (filename === undefined && purpose === 'VIDEO_GENERATION' ? 'video' : 'other')
}

/** Whether it was made by a speech task: then it is a tar, and its audio is one member of it. */
export function isSpeech({ purpose }: Pick<SeenFile, 'purpose'>): boolean {
  return purpose === 'T2A_ASYNC'
}

/** The time left, in its two largest units. */
export function toLeftText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60),
  ]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
