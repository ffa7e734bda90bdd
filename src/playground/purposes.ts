// What files can be for: MiniMax's own words, which uploads take, and the names that GraphQL has for them.

type Purpose = {
  readonly word: string
  readonly name: string
  readonly title: string
  /** Files of these endings are mostly for this; the first that fits is taken. */
  readonly endings: readonly string[]
  /** Made by tasks: to be listed, not uploaded. */
  readonly isMade?: boolean
}

export const PURPOSES: readonly Purpose[] = [
  { word: 'voice_clone', name: 'VOICE_CLONE', title: 'Voice to clone', endings: ['mp3', 'm4a', 'wav'] },
  { word: 'prompt_audio', name: 'PROMPT_AUDIO', title: 'Voice prompt', endings: [] },
  { word: 't2a_async_input', name: 'T2A_ASYNC_INPUT', title: 'Text to speak', endings: ['txt', 'zip'] },
  {
    word: 'video_understanding',
    name: 'VIDEO_UNDERSTANDING',
    title: 'Video to understand',
    endings: ['mp4', 'mov', 'avi', 'mkv'],
  },
  {
    word: 'video_generation_input',
    name: 'VIDEO_GENERATION_INPUT',
    title: 'Video input',
    endings: ['png', 'jpg', 'jpeg', 'webp', 'heic', 'heif'],
  },
  { word: 'retrieval', name: 'RETRIEVAL', title: 'Document', endings: ['pdf', 'docx'] },
  { word: 'fine-tune', name: 'FINE_TUNE', title: 'Training data', endings: ['jsonl'] },
  { word: 'assistants', name: 'ASSISTANTS', title: 'For assistants', endings: [] },
  { word: 'video_generation', name: 'VIDEO_GENERATION', title: 'Generated video', endings: [], isMade: true },
  { word: 't2a_async', name: 'T2A_ASYNC', title: 'Generated speech', endings: [], isMade: true },
]

export const UPLOADED = PURPOSES.filter(({ isMade }) => !isMade)

/** What a file of this name is mostly for. */
export function guessPurpose(filename: string): string | undefined {
  const ending = /\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? ''
  return UPLOADED.find(({ endings }) => endings.includes(ending))?.word
}

export function toPurposeTitle(name: string): string {
  return (
    PURPOSES.find((purpose) => purpose.name === name)?.title ??
    `${name.charAt(0)}${name.slice(1).replaceAll('_', ' ').toLowerCase()}`
  )
}
