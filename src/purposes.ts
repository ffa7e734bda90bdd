// The upstream's words for purposes, and ours.
import type { FilePurpose } from './generated.js'

/** Every purpose that MiniMax documents or once did. Its list keeps growing, so an unknown word is `OTHER`. */
const purposes: ReadonlyMap<string, FilePurpose> = new Map<string, FilePurpose>([
  ['voice_clone', 'VOICE_CLONE'],
  ['prompt_audio', 'PROMPT_AUDIO'],
  ['t2a_async_input', 'T2A_ASYNC_INPUT'],
  ['t2a_async', 'T2A_ASYNC'],
  ['video_generation', 'VIDEO_GENERATION'],
  ['video_understanding', 'VIDEO_UNDERSTANDING'],
  ['video_generation_input', 'VIDEO_GENERATION_INPUT'],
  ['retrieval', 'RETRIEVAL'],
  ['fine-tune', 'FINE_TUNE'],
  ['fine-tune-result', 'FINE_TUNE_RESULT'],
  ['assistants', 'ASSISTANTS'],
])

const names: ReadonlyMap<FilePurpose, string> = new Map(
  [...purposes].map(([name, purpose]) => [purpose, name]),
)

/** The upstream's word; `undefined` for `OTHER`, which stands for none that we know. */
export function toPurposeName(purpose: FilePurpose): string | undefined {
  return names.get(purpose)
}

export function toPurpose(name: string | null): FilePurpose | null {
  return name === null ? null : (purposes.get(name) ?? 'OTHER')
}
