// A file as JSON: the documented fields, as raw texts, so that ids of any size stay exact.

import type { FileFields } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import type { Signer } from '../link.js'
import type { Held } from './library.js'
import { toObjectPath } from './object.js'

/** Without links: as upload and list answer. `id` may be another one, for the magic ids. */
export function toFields(file: Held, id = file.id): FileFields {
  return {
    file_id: id,
    // Generated videos say 0, which means unknown (documented, and seen).
    bytes: String(file.purpose === 'video_generation' ? 0 : file.body.size),
    created_at: String(file.createdAtSeconds),
    filename: JSON.stringify(file.filename),
    purpose: JSON.stringify(file.purpose),
  }
}

/** The links, which are signed anew each time, as the upstream's are. `url` is the sandbox's own. */
export function toLinks(file: Held, url: string, signer: Signer, { uploadLinks }: Behaviour): FileFields {
  if (file.link === 'none' || (file.uploaded && !uploadLinks)) return {}
  const toLink = () =>
    JSON.stringify(url + signer.sign(toObjectPath(file), file.link, file.linkLifetimeSeconds))
  return { download_url: toLink(), ...(file.backup && { backup_download_url: toLink() }) }
}
