// Builds the server into dist/, with all that it needs of other packages: a few files are read in half the time that
// a thousand take. What is loaded later, if at all, stays in files of its own.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Plugin, type RolldownOutput, rolldown } from 'rolldown'
import { isolatedDeclarationSync } from 'rolldown/experimental'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = fileURLToPath(new URL('../dist/', import.meta.url))

/** Files that look for others from where they stand in src/ find them from dist/ as well, in whichever file they are. */
const keepPlaces: Plugin = {
  name: 'keep places',
  transform: (code, id) => {
    if (!id.startsWith(here)) return null
    return code.replaceAll('import.meta.url', `new URL('./${id.slice(here.length)}', import.meta.url)`)
  },
}

async function bundle(): Promise<RolldownOutput> {
  const build = await rolldown({
    input: { main: `${here}main.ts`, index: `${here}index.ts`, 'sandbox/main': `${here}sandbox/main.ts` },
    platform: 'node',
    // Spans go where the SDK is registered, by the copy of the API that came with it. Others only hold it.
    external: (id, importer) => id === '@opentelemetry/api' && importer === `${here}spans.ts`,
    // It ships two builds that refuse each other's objects.
    resolve: { alias: { graphql: createRequire(import.meta.url).resolve('graphql') } },
    plugins: [keepPlaces],
  })
  return build.write({ dir: out, entryFileNames: '[name].js', chunkFileNames: '[name].js', comments: false })
}

/** The folders of the packages that went into it. */
function toPackages({ output }: RolldownOutput): string[] {
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const folders = modules.map((id) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1])
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort()
}

/** What their authors ask to be handed on with a copy. */
function toNotice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file))
  return [
    `${name} ${version} (${license})`,
    ...texts.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim()),
  ].join('\n\n')
}

if (existsSync(out))
  for (const name of readdirSync(out)) if (name !== 'playground') rmSync(`${out}${name}`, { recursive: true })
/** The types of the package's own API, which need no others. */
function toDeclarations(path: string): string {
  const { code, errors } = isolatedDeclarationSync(path, readFileSync(path, 'utf8'), { stripInternal: true })
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  return code
}

const notices = toPackages(await bundle()).map(toNotice)
writeFileSync(`${out}index.d.ts`, toDeclarations(`${here}index.ts`))
writeFileSync(`${out}licences.txt`, `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
