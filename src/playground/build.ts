// Builds the page into dist/playground/, unless it was already built from the same sources and packages.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const here = fileURLToPath(new URL('.', import.meta.url))
const lock = fileURLToPath(new URL('../../package-lock.json', import.meta.url))
const out = fileURLToPath(new URL('../../dist/playground/', import.meta.url))
const stamp = `${out}.stamp`

/** Smaller files gain nothing from compression. */
const MIN_COMPRESSED_BYTES = 1024

function toFingerprint(): string {
  const hash = createHash('sha256')
  const sources = readdirSync(here).sort()
  for (const path of [lock, ...sources.map((name) => `${here}${name}`)]) hash.update(readFileSync(path))
  return hash.digest('hex')
}

async function bundle(): Promise<void> {
  const { build } = await import('vite')
  await build({
    configFile: false,
    root: here,
    // Relative addresses work behind any path prefix. The page is served beside the folder of its files.
    base: './',
    experimental: {
      renderBuiltUrl: (file, { hostType }) =>
        hostType === 'html' ? `./playground/${file}` : { relative: true },
    },
    logLevel: 'error',
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      license: { fileName: 'licences.md' },
      assetsInlineLimit: 0,
    },
  })
}

/** Compression makes the page four times smaller. Browsers accept brotli only over https and on loopback. */
function compress(): void {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /\.(js|css|svg)$/.test(name))) {
    const bytes = readFileSync(`${out}${file}`)
    if (bytes.length <= MIN_COMPRESSED_BYTES) continue
    writeFileSync(`${out}${file}.br`, brotliCompressSync(bytes))
    writeFileSync(`${out}${file}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

const fingerprint = toFingerprint()
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint) {
  await bundle()
  compress()
  // Last, so that a build that failed is repeated.
  writeFileSync(stamp, fingerprint)
}
