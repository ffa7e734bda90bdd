// Orders that keep all rules, but for what a test changes.
import type { Order, SpeechInput, VideoInput } from '../../src/task.js'

export function toVideo(fields: Partial<VideoInput> = {}): Order {
  return {
    kind: 'video',
    input: {
      model: 'MiniMax-Hailuo-2.3',
      prompt: 'A cat on the moon',
      duration: null,
      resolution: null,
      firstFrameImage: null,
      lastFrameImage: null,
      subjectImage: null,
      promptOptimizer: null,
      fastPretreatment: null,
      watermark: null,
      ...fields,
    },
  }
}

export function toSpeech(fields: Partial<SpeechInput> = {}): Order {
  return {
    kind: 'speech',
    input: {
      model: 'speech-2.8-hd',
      text: 'Hello',
      textFileId: null,
      voiceId: 'English_Graceful_Lady',
      speed: null,
      volume: null,
      pitch: null,
      emotion: null,
      languageBoost: null,
      sampleRate: null,
      bitrate: null,
      format: null,
      channels: null,
      watermark: null,
      ...fields,
    },
  }
}
