import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'

/** Uploads a file from disk, which is read while it is sent. Resolves with the file as the server shows it. */
export async function upload(server: string, path: string, purpose: string, token?: string) {
  const query = new URLSearchParams({ purpose, filename: basename(path) })
  const response = await fetch(`${server}/files?${query}`, {
    method: 'PUT',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: await openAsBlob(path),
  })
  const { file, errors } = (await response.json()) as Answer
  if (file === undefined) throw new Error(errors?.[0].extensions.code)
  return file
}

type Answer = {
  readonly file?: { readonly id: string; readonly bytes: number; readonly sha256: string }
  readonly errors?: readonly [{ readonly extensions: { readonly code: string } }]
}
