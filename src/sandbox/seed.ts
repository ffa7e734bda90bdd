// The table of the files that the sandbox has from the start. Their ids are fixed, so that documentation can use them. They
// are built as the upstream's seem to be (inferred from published pairs of id and time): milliseconds since
// 2023-04-15T10:00:00Z, shifted left by 12, plus a small number.

import type { ContentKind } from './content.js'

/** How a download link is protected. The forms are those of Alibaba OSS (V1, V4) and of S3. */
export type LinkForm = 'oss-v1' | 'oss-v4' | 'amz-v4' | 'unsigned' | 'none'

export type SandboxFile = {
  /** A decimal int64. */
  readonly id: string
  readonly filename: string
  /** The upstream's word for it. */
  readonly purpose: string
  /** ISO 8601, whole seconds. */
  readonly createdAt: string
  readonly content: ContentKind
  readonly link: LinkForm
  /** How long a link is valid after each retrieve. */
  readonly linkLifetimeSeconds?: number
  /** Whether there is a `backup_download_url`, as for videos in August 2025. */
  readonly backup?: boolean
  /** One line for people. */
  readonly note: string
}

/** Nine hours: `Expires` minus the time of the call in published answers of the upstream. */
export const DEFAULT_LINK_LIFETIME_SECONDS = 32_400

/** The first file, which magic ids that succeed in the end also return. */
export const generatedVideo: SandboxFile = {
  id: '437030092800001',
  filename: 'output_aigc.mp4',
  purpose: 'video_generation',
  createdAt: '2026-09-01T08:01:24Z',
  content: 'mp4',
  link: 'oss-v1',
  note: 'a generated video: bytes 0 means unknown, link signed for 9 hours',
}

export const seededFiles: readonly SandboxFile[] = [
  generatedVideo,
  {
    id: '437033902080034',
    filename: 'output.mp4',
    purpose: 'video_generation',
    createdAt: '2026-09-01T08:17:12Z',
    content: 'mp4',
    link: 'unsigned',
    note: 'a generated video of the global region: its link is not signed',
  },
  {
    id: '301464006656007',
    filename: 'output.mp4',
    purpose: 'video_generation',
    createdAt: '2025-08-14T06:21:50Z',
    content: 'mp4',
    link: 'oss-v1',
    backup: true,
    note: 'a generated video with a backup link',
  },
  {
    id: '438784819200017',
    filename: 'output.mp4',
    purpose: 'video_generation',
    createdAt: '2026-09-06T07:01:33Z',
    content: 'mp4',
    link: 'oss-v1',
    linkLifetimeSeconds: 20,
    note: 'a generated video whose link lives for 20 seconds',
  },
  {
    id: '437398732800002',
    filename: '437398732800002.tar',
    purpose: 't2a_async',
    createdAt: '2026-09-02T09:00:09Z',
    content: 'tar',
    link: 'oss-v1',
    note: 'long speech: a tar of audio, titles and extra data',
  },
  {
    id: '437398323200000',
    filename: 'novel.txt',
    purpose: 't2a_async_input',
    createdAt: '2026-09-02T08:58:20Z',
    content: 'txt',
    link: 'none',
    note: 'the text of a long speech: a file without a link',
  },
  {
    id: '437774745600005',
    filename: 'voice.wav',
    purpose: 'voice_clone',
    createdAt: '2026-09-03T10:30:00Z',
    content: 'wav',
    link: 'oss-v4',
    linkLifetimeSeconds: 3_600,
    note: 'a voice sample: link signed in the OSS V4 form for 1 hour',
  },
  {
    id: '437774991360012',
    filename: 'prompt.wav',
    purpose: 'prompt_audio',
    createdAt: '2026-09-03T10:31:00Z',
    content: 'wav',
    link: 'amz-v4',
    linkLifetimeSeconds: 3_600,
    note: 'a short prompt: link signed in the S3 form for 1 hour',
  },
  {
    id: '438136012800003',
    filename: '文件.mp4',
    purpose: 'video_understanding',
    createdAt: '2026-09-04T11:00:00Z',
    content: 'mp4',
    link: 'oss-v1',
    note: 'an uploaded video with a Chinese name',
  },
  {
    id: '438504652800060',
    filename: 'first_frame.png',
    purpose: 'video_generation_input',
    createdAt: '2026-09-05T12:00:00Z',
    content: 'png',
    link: 'oss-v1',
    note: 'a first frame for a video',
  },
  {
    id: '113452646400001',
    filename: 'handbook.txt',
    purpose: 'retrieval',
    createdAt: '2024-03-01T00:00:00Z',
    content: 'txt',
    link: 'oss-v1',
    note: 'a text of the 2024 API',
  },
  {
    id: '113806540800002',
    filename: 'train.jsonl',
    purpose: 'fine-tune',
    createdAt: '2024-03-02T00:00:00Z',
    content: 'jsonl',
    link: 'oss-v1',
    note: 'training data of the 2024 API',
  },
  {
    id: '113895014400009',
    filename: 'result.jsonl',
    purpose: 'fine-tune-result',
    createdAt: '2024-03-02T06:00:00Z',
    content: 'jsonl',
    link: 'oss-v1',
    note: 'the result of a training of the 2024 API',
  },
  {
    id: '114160435200004',
    filename: 'notes.txt',
    purpose: 'assistants',
    createdAt: '2024-03-03T00:00:00Z',
    content: 'txt',
    link: 'oss-v1',
    note: 'a text for assistants of the 2024 API',
  },
  {
    id: '447451545600021',
    filename: 'song.wav',
    purpose: 'music_generation',
    createdAt: '2026-09-30T18:46:07Z',
    content: 'wav',
    link: 'oss-v1',
    note: 'a purpose that no client knows yet',
  },
  {
    id: '9007199254740993',
    filename: 'beyond-2-53.txt',
    purpose: 't2a_async_input',
    createdAt: '2026-09-01T00:00:00Z',
    content: 'txt',
    link: 'oss-v1',
    note: '2^53 + 1: a double rounds this id to another one',
  },
  {
    id: '9223372036854775807',
    filename: 'largest-id.txt',
    purpose: 't2a_async_input',
    createdAt: '2026-09-01T00:00:00Z',
    content: 'txt',
    link: 'oss-v1',
    note: '2^63 - 1: the largest id there can be',
  },
]
