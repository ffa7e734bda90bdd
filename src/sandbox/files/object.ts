// The path of a file in the object store, to which its link leads.

import type { Held } from './library.js'

export const OBJECTS = '/objects/'

/** The path in every link of the file. In signed links it is one encoded segment; in CDN links the slashes are kept. */
export function toObjectPath({ id, purpose, createdAtSeconds, filename, link }: Held): string {
  const day = new Date(createdAtSeconds * 1_000).toISOString().slice(0, 10)
  const segments = ['inference_output', purpose, day, id, filename]
  return OBJECTS + segments.map(encodeURIComponent).join(link === 'unsigned' ? '/' : '%2F')
}

/** The id in such a path; undefined if there is none. */
export function readObjectId(path: string): string | undefined {
  return /^\/objects\/inference_output(?:\/|%2F)[^/]*?(?:\/|%2F)[\d-]{10}(?:\/|%2F)(\d+)(?:\/|%2F)/.exec(
    path,
  )?.[1]
}
