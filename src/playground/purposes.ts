// The purposes of files: MiniMax's words, which uploads use, and their names in GraphQL.

type Purpose = {
  readonly word: string
  readonly name: string
  readonly title: string
  /** Files with these extensions mostly have this purpose. The first purpose that matches is used. */
  readonly endings: readonly string[]
  /** Files of this purpose are made by tasks: they can be listed, but not uploaded. */
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

/** The most likely purpose of a file with this name. */
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
