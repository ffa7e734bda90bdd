// A file as the documented JSON fields, in raw texts, so that ids of any size stay exact.

import type { FileFields } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import type { Signer } from '../link.js'
import type { Held } from './library.js'
import { toObjectPath } from './object.js'

/** The fields without links, as in the answers of upload and list. A magic id takes the place of the file's own. */
export function toFields(file: Held, id = file.id): FileFields {
  return {
    file_id: id,
    // For generated videos the upstream says 0, which means unknown (documented, and seen).
    bytes: String(file.purpose === 'video_generation' ? 0 : file.body.size),
    created_at: String(file.createdAtSeconds),
    filename: JSON.stringify(file.filename),
    purpose: JSON.stringify(file.purpose),
  }
}

/** The links, signed anew each time, as by the upstream. `url` is the sandbox's base URL. */
export function toLinks(file: Held, url: string, signer: Signer, { uploadLinks }: Behaviour): FileFields {
  if (file.link === 'none' || (file.uploaded && !uploadLinks)) return {}
  const toLink = () =>
    JSON.stringify(url + signer.sign(toObjectPath(file), file.link, file.linkLifetimeSeconds))
  return { download_url: toLink(), ...(file.backup && { backup_download_url: toLink() }) }
}
