// A real picture: the first frame of the film, drawn and encoded here.

import { crc32, deflateSync } from 'node:zlib'
import { FILM_SIZE } from './film.js'

const { width: WIDTH, height: HEIGHT } = FILM_SIZE
const BALL = { x: 40, y: 118, radius: 19 } as const

const PALETTE = { sky: [0x1b, 0x2a, 0x49], ground: [0x0f, 0x1a, 0x30], gold: [0xf2, 0xb1, 0x34] } as const
const COLOURS = Object.values(PALETTE)
const [SKY, GROUND, GOLD] = [0, 1, 2] as const

function toColour(x: number, y: number): number {
  if (Math.hypot(x - BALL.x, y - BALL.y) < BALL.radius || y === 138 || y === 139) return GOLD
  return y < 138 ? SKY : GROUND
}

/** A length, a type, the data, and a checksum of the last two. */
function createChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(typed.length + 8)
  chunk.writeUInt32BE(data.length)
  typed.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(typed), typed.length + 4)
  return chunk
}

export function createPng(): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH)
  header.writeUInt32BE(HEIGHT, 4)
  header.writeUInt8(8, 8) // bits per pixel
  header.writeUInt8(3, 9) // colour type: palette
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT) // each row begins with its filter type, 0 for none
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) rows[y * (WIDTH + 1) + 1 + x] = toColour(x, y)
  }
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    createChunk('IHDR', header),
    createChunk('PLTE', Buffer.from(COLOURS.flat())),
    createChunk('IDAT', deflateSync(rows)),
    createChunk('IEND', Buffer.alloc(0)),
  ])
}
