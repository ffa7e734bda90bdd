// The rules that an input to a creation can break, in the words that its client is told. Part of the domain; imports nothing.
// They are those of the upstream's documents, and are checked before anything is paid.

export const rules = {
  MODEL: '`model` takes 1 to 128 characters.',
  PROMPT_LENGTH: '`prompt` may have at most 2,000 characters.',
  PROMPT_MISSING: 'This `model` needs a `prompt`, or a picture to begin or to end with.',
  FIRST_FRAME_MISSING: 'This `model` needs a `firstFrameImage`.',
  SUBJECT_MISSING: 'This `model` needs a `subjectImage`.',
  LAST_FRAME: 'This `model` takes no `lastFrameImage`.',
  SUBJECT: 'This `model` takes no `subjectImage`.',
  FIRST_FRAME_FORM: '`firstFrameImage` takes an https URL, or a data URL of a JPEG, PNG or WebP in base64.',
  LAST_FRAME_FORM: '`lastFrameImage` takes an https URL, or a data URL of a JPEG, PNG or WebP in base64.',
  SUBJECT_FORM: '`subjectImage` takes an https URL, or a data URL of a JPEG, PNG or WebP in base64.',
  RESOLUTION: 'This `model` does not offer this `resolution`.',
  RESOLUTION_NEEDS_PICTURE: 'At this `resolution` this `model` needs a `firstFrameImage`.',
  RESOLUTION_WITH_LAST_FRAME: 'At this `resolution` this `model` takes no `lastFrameImage`.',
  DURATION: 'This `model` does not offer this `duration` at this `resolution`.',
  TEXT_OR_FILE: 'Set exactly one of `text` and `textFileId`.',
  TEXT_LENGTH: '`text` may have 1 to 50,000 characters: upload a longer one, and give `textFileId`.',
  TEXT_FILE_ID: '`textFileId` takes a positive decimal int64 without leading zeros.',
  TEXT_FILE_PURPOSE: '`textFileId` takes a file of the purpose T2A_ASYNC_INPUT.',
  VOICE_ID: '`voiceId` takes 1 to 256 characters.',
  SPEED: '`speed` takes 0.5 to 2.',
  VOLUME: '`volume` takes more than 0, up to 10.',
  PITCH: '`pitch` takes -12 to 12.',
  EMOTION: '`emotion` takes 1 to 64 characters.',
  LANGUAGE_BOOST: '`languageBoost` takes 1 to 64 characters.',
  SAMPLE_RATE: '`sampleRate` takes 8000, 16000, 22050, 24000, 32000 or 44100.',
  BITRATE: '`bitrate` takes 32000, 64000, 128000 or 256000.',
  FORMAT: '`format` takes mp3, pcm, flac, wav, pcmu_raw, pcmu_wav or opus.',
  CHANNELS: '`channels` takes 1 or 2.',
  KEY: '`idempotencyKey` takes 1 to 128 visible ASCII characters.',
  KEY_REUSED: 'This `idempotencyKey` was used with another input within 24 hours.',
} as const satisfies Record<string, string>

export type Rule = keyof typeof rules
