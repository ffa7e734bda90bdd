// The bytes of the sandbox's files: small, genuine, and the same in every process.

/** A quarter of a second of a 440 Hz tone: 8 kHz, 16 bit, mono. */
function createWav(): Buffer {
  const [rate, samples] = [8_000, 2_000]
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF\0\0\0\0WAVEfmt ', 'latin1')
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.writeUInt32LE(16, 16) // size of the format block
  wav.writeUInt16LE(1, 20) // PCM
  wav.writeUInt16LE(1, 22) // channels
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 2, 28) // bytes per second
  wav.writeUInt16LE(2, 32) // bytes per frame
  wav.writeUInt16LE(16, 34) // bits per sample
  wav.write('data', 36, 'latin1')
  wav.writeUInt32LE(samples * 2, 40)
  for (let i = 0; i < samples; i++) {
    wav.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 440 * i) / rate)), 44 + i * 2)
  }
  return wav
}

/** An ISO media box: its length, its type, its payload. */
function createBox(type: string, payload: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(payload.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, payload])
}

/** Enough of an MP4 for those who sniff: a brand, and media data that no player will show. */
function createMp4(): Buffer {
  const brand = Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1')
  return Buffer.concat([createBox('ftyp', brand), createBox('free', Buffer.alloc(0)), createMediaData()])
}

function createMediaData(): Buffer {
  return createBox('mdat', Buffer.from(Array.from({ length: 4_096 }, (_, i) => i % 251)))
}

/** Five frames of silence: MPEG 1 layer III, 128 kbit/s, 44.1 kHz, 417 bytes each. */
function createMp3(): Buffer {
  const frame = Buffer.alloc(417)
  frame.writeUInt32BE(0xff_fb_90_00)
  return Buffer.concat(Array.from({ length: 5 }, () => frame))
}

/** One member of a ustar archive: a header of 512 bytes, then the data padded to 512. */
function createTarMember(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1') // mode, owner, group
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write(`${'0'.repeat(11)}\0`, 136, 'latin1') // modified at
  header.write('        0', 148, 'latin1') // the checksum counts as spaces; a regular file
  header.write('ustar\0' + '00', 257, 'latin1')
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

/** What the upstream's long speech comes in: members by these endings were seen. */
function createTar(): Buffer {
  return Buffer.concat([
    createTarMember('content-1.mp3', createMp3()),
    createTarMember('content-1.titles', Buffer.from('[{"text":"Hello.","time_begin":0,"time_end":131}]\n')),
    createTarMember('content-1.extra', Buffer.from('{"audio_length":131,"audio_sample_rate":44100}\n')),
    Buffer.alloc(1_024),
  ])
}

const jsonLines = [
  { prompt: 'Where is the file?', completion: 'Behind a signed link.' },
  { prompt: 'For how long?', completion: 'Until it expires.' },
]

export const contents = {
  wav: { type: 'audio/wav', bytes: createWav() },
  mp4: { type: 'video/mp4', bytes: createMp4() },
  tar: { type: 'application/x-tar', bytes: createTar() },
  txt: {
    type: 'text/plain; charset=utf-8',
    bytes: Buffer.from('A file of the sandbox.\n文件, fichier, файл.\n'.repeat(8)),
  },
  jsonl: {
    type: 'application/jsonl',
    bytes: Buffer.from(jsonLines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  },
  png: {
    type: 'image/png',
    bytes: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
      'base64',
    ),
  },
} as const

export type Content = keyof typeof contents
