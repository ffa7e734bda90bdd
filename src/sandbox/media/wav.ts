// Makes a tone, as raw PCM samples or as a WAV file.

type Tone = { readonly hertz: number; readonly seconds: number; readonly sampleRate: number }

/** 16 bit, mono, faded in and out so that it does not click. */
export function createPcm({ hertz, seconds, sampleRate }: Tone): Buffer {
  const samples = Math.round(seconds * sampleRate)
  const pcm = Buffer.alloc(samples * 2)
  for (let i = 0; i < samples; i++) {
    const loudness = 8_000 * Math.min(1, (20 * i) / samples, (20 * (samples - i)) / samples)
    pcm.writeInt16LE(Math.round(loudness * Math.sin((2 * Math.PI * hertz * i) / sampleRate)), i * 2)
  }
  return pcm
}

export function createWav(tone: Tone): Buffer {
  const pcm = createPcm(tone)
  const head = Buffer.alloc(44)
  head.write('RIFF\0\0\0\0WAVEfmt ', 'latin1')
  head.writeUInt32LE(36 + pcm.length, 4)
  head.writeUInt32LE(16, 16) // size of the format block
  head.writeUInt16LE(1, 20) // PCM
  head.writeUInt16LE(1, 22) // channels
  head.writeUInt32LE(tone.sampleRate, 24)
  head.writeUInt32LE(tone.sampleRate * 2, 28) // bytes per second
  head.writeUInt16LE(2, 32) // bytes per frame
  head.writeUInt16LE(16, 34) // bits per sample
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(pcm.length, 40)
  return Buffer.concat([head, pcm])
}
