// The documentation as its readers see it: README.md, the changelog and docs/, with their code, links and tables.
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export type Page = {
  /** From the root of the project, such as `docs/errors.md`. */
  readonly path: string
  readonly text: string
}

/** A fenced block of code. */
export type Block = {
  readonly page: string
  readonly language: string
  readonly code: string
  /** The block right below this one, with nothing but a blank line between them. */
  readonly next?: Block
}

/** A link of a page, resolved from the root of the project; an address elsewhere is left as it stands. */
export type Link = { readonly page: string; readonly path: string; readonly anchor: string }

const root = new URL('../../', import.meta.url)

const FENCE = /^```(\w*)\n(.*?)^```$/gms

const paths = ['README.md', 'CHANGELOG.md', ...listFiles('docs', '.md')]

export const pages: readonly Page[] = paths.map((path) => ({ path, text: read(path) }))

/** The files in a folder of the project, by their ending. */
export function listFiles(folder: string, ending: string): string[] {
  const names = readdirSync(new URL(folder, root)).filter((name) => name.endsWith(ending))
  return names.map((name) => `${folder}/${name}`)
}

/** The text of a file of the project. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

export function readBlocks({ path, text }: Page): Block[] {
  const fences = [...text.matchAll(FENCE)].map((match) => {
    const [whole, language = '', code = ''] = match
    return { start: match.index, end: match.index + whole.length, language, code }
  })
  const toBlock = ({ start, end, ...block }: (typeof fences)[number], index: number): Block => {
    const next = fences[index + 1]
    const isFollowed = next?.start === end + 2
    return { page: path, ...block, ...(isFollowed ? { next: toBlock(next, index + 1) } : {}) }
  }
  return fences.map(toBlock)
}

export function readLinks({ path, text }: Page): Link[] {
  const prose = text.replace(FENCE, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => {
    if (/^\w+:/.test(target)) return { page: path, path: target, anchor: '' }
    const [file = '', anchor = ''] = target.split('#')
    const folder = posix.dirname(path)
    return { page: path, path: file === '' ? path : posix.join(folder, file), anchor }
  })
}

/** The anchors that GitHub gives to the headings of a page. */
export function readAnchors(text: string): string[] {
  const headings = [...text.replace(FENCE, '').matchAll(/^#+ (.*)$/gm)]
  return headings.map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The cells of every row of the first table of a page whose head has these columns. */
export function readTable(path: string, ...columns: readonly string[]): string[][] {
  const text = read(path)
  const head = `| ${columns.join(' | ')} |`
  const start = text.indexOf(head)
  if (start < 0) throw new Error(`${path} has no table ${head}`)
  const lines = `${text.slice(start)}\n`.split('\n')
  const rows = lines.slice(2, lines.indexOf(''))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** What stands between backquotes at the start of a cell. */
export function unquote(cell: string | undefined): string {
  return /^`([^`]*)`/.exec(cell ?? '')?.[1] ?? ''
}
