// What files are for: the upstream's words, ours, and what is documented of the files that may be uploaded for each. The
// upstream's list keeps growing, so a word that is not here passes, under the general limits.
import { FileError } from './errors.js'
import type { Upload } from './upload.js'

const MEGABYTE = 1_000_000

/** Files of one kind, by the endings of their names. */
type Kind = {
  readonly endings: readonly string[]
  /** Where nothing is documented, there is the general limit alone. */
  readonly maxBytes?: number
}

const IMAGES = ['jpg', 'jpeg', 'png', 'webp', 'heic', 'heif']
const SPEECH: Kind = { endings: ['mp3', 'm4a', 'wav'], maxBytes: 20 * MEGABYTE }
const TEXTS: Kind = { endings: ['txt', 'zip'] }
const FILMS: Kind = { endings: ['mp4', 'avi', 'mov', 'mkv'] }
const MEDIA: readonly Kind[] = [
  { endings: IMAGES, maxBytes: 30 * MEGABYTE },
  { endings: ['mp4', 'mov'], maxBytes: 50 * MEGABYTE },
  { endings: ['wav', 'mp3'], maxBytes: 15 * MEGABYTE },
]
/** Of MiniMax's overview of files, as CometAPI's page still has it, with what the newer purposes take. */
const DOCUMENTS: Kind = {
  endings: [
    ...['pdf', 'docx', 'txt', 'jsonl', 'mp3', 'm4a', 'wav'],
    ...[...TEXTS.endings, ...FILMS.endings, ...IMAGES],
  ],
}

/**
 * Every purpose that MiniMax documents or once did. Endings and sizes are those of its page on uploads (File Management,
 * Upload) as of November 2026; no kinds: such files come from tasks, and whether one may be uploaded is for the upstream to say.
 */
const purposes = [
  { name: 'voice_clone', purpose: 'VOICE_CLONE', kinds: [SPEECH] },
  { name: 'prompt_audio', purpose: 'PROMPT_AUDIO', kinds: [SPEECH] },
  { name: 't2a_async_input', purpose: 'T2A_ASYNC_INPUT', kinds: [TEXTS] },
  { name: 't2a_async', purpose: 'T2A_ASYNC', kinds: undefined },
  { name: 'video_generation', purpose: 'VIDEO_GENERATION', kinds: undefined },
  { name: 'video_understanding', purpose: 'VIDEO_UNDERSTANDING', kinds: [FILMS] },
  { name: 'video_generation_input', purpose: 'VIDEO_GENERATION_INPUT', kinds: MEDIA },
  { name: 'retrieval', purpose: 'RETRIEVAL', kinds: [DOCUMENTS] },
  { name: 'fine-tune', purpose: 'FINE_TUNE', kinds: [DOCUMENTS] },
  { name: 'fine-tune-result', purpose: 'FINE_TUNE_RESULT', kinds: undefined },
  { name: 'assistants', purpose: 'ASSISTANTS', kinds: [DOCUMENTS] },
] as const satisfies readonly {
  readonly name: string
  readonly purpose: string
  readonly kinds: readonly Kind[] | undefined
}[]

/** As the schema has them. */
export type Purpose = (typeof purposes)[number]['purpose'] | 'OTHER'

const byName: ReadonlyMap<string, (typeof purposes)[number]> = new Map(
  purposes.map((each) => [each.name, each]),
)
const names: ReadonlyMap<Purpose, string> = new Map(purposes.map(({ name, purpose }) => [purpose, name]))

/** The upstream's word; `undefined` for `OTHER`, which stands for none that we know. */
export function toPurposeName(purpose: Purpose): string | undefined {
  return names.get(purpose)
}

export function toPurpose(name: string | null): Purpose | null {
  return name === null ? null : (byName.get(name)?.purpose ?? 'OTHER')
}

/** A word as the upstream has them; longer ones it would not show again. */
const PURPOSE_NAME = /^[\w.-]{1,64}$/

/** Throws a `FileError` for what the upstream is documented not to take, or what is larger than `maxBytes`. */
export function checkUpload({ purposeName, filename, bytes }: Upload, maxBytes: number): void {
  if (!PURPOSE_NAME.test(purposeName)) throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_NAME' })
  // The upstream refuses GraphQL's spelling, and may bill that.
  if (purposes.some(({ purpose }) => purpose === purposeName))
    throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_CASE' })
  const kinds: readonly Kind[] | undefined = byName.get(purposeName)?.kinds
  const ending = /\.([^.]*)$/.exec(filename)?.[1]?.toLowerCase() ?? ''
  const kind = kinds?.find(({ endings }) => endings.includes(ending))
  if (kinds && !kind) throw new FileError('UNSUPPORTED_FILE_FORMAT')
  if (bytes > Math.min(maxBytes, kind?.maxBytes ?? maxBytes)) throw new FileError('FILE_TOO_LARGE')
}
