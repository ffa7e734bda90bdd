// A file as an object of the store: where its link leads.

import type { Held } from './library.js'

export const OBJECTS = '/objects/'

/** The path behind every link of the file. Signed ones have one encoded segment; those of the CDN keep their slashes. */
export function toObjectPath({ id, purpose, createdAtSeconds, filename, link }: Held): string {
  const day = new Date(createdAtSeconds * 1_000).toISOString().slice(0, 10)
  const segments = ['inference_output', purpose, day, id, filename]
  return OBJECTS + segments.map(encodeURIComponent).join(link === 'unsigned' ? '/' : '%2F')
}

/** The id in such a path; undefined where there is none. */
export function readObjectId(path: string): string | undefined {
  return /^\/objects\/inference_output(?:\/|%2F)[^/]*?(?:\/|%2F)[\d-]{10}(?:\/|%2F)(\d+)(?:\/|%2F)/.exec(
    path,
  )?.[1]
}
