// The purposes of uploads: the documented words and their limits. By the documentation only the content of
// `video_generation_input` is checked; audio files were seen to be accepted unchecked.

const MEGABYTE = 1_000_000

type Kind = { readonly endings: readonly string[]; readonly maxBytes: number }

export type PurposeRule = {
  readonly maxBytes?: number
  /** Any other kind, or a file too large for its kind, is refused with HTTP 400 and not stored. */
  readonly kinds?: readonly Kind[]
}

const uploadable: Readonly<Record<string, PurposeRule>> = {
  voice_clone: { maxBytes: 20 * MEGABYTE },
  prompt_audio: { maxBytes: 20 * MEGABYTE },
  t2a_async_input: {},
  video_understanding: {},
  video_generation_input: {
    kinds: [
      { endings: ['jpg', 'jpeg', 'png', 'webp', 'heic', 'heif'], maxBytes: 30 * MEGABYTE },
      { endings: ['mp4', 'mov'], maxBytes: 50 * MEGABYTE },
      { endings: ['wav', 'mp3'], maxBytes: 15 * MEGABYTE },
    ],
  },
  // From the API of 2024. Official clients still use `retrieval` by default.
  retrieval: {},
  'fine-tune': {},
  'fine-tune-result': {},
  assistants: {},
  // A purpose that no client knows yet.
  music_generation: {},
}

/** Files made by tasks; they can be listed and deleted, but not uploaded. */
const generated: ReadonlySet<string> = new Set(['t2a_async', 'video_generation'])

export function findUploadRule(purpose: string): PurposeRule | undefined {
  return Object.hasOwn(uploadable, purpose) ? uploadable[purpose] : undefined
}

export function isPurpose(text: string): boolean {
  return Object.hasOwn(uploadable, text) || generated.has(text)
}

const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  txt: 'text/plain',
  pdf: 'application/pdf',
  zip: 'application/zip',
}

export function toEnding(filename: string): string {
  return filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
}

/** The Content-Type that an object store gives to a file of this name. */
export function toType(filename: string): string {
  const ending = toEnding(filename)
  return (Object.hasOwn(TYPES, ending) && TYPES[ending]) || 'application/octet-stream'
}
