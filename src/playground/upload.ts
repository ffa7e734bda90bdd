// Uploads a file as it is. It uses XMLHttpRequest, since `fetch` does not report the progress of an upload.
import { toMessage } from './api.js'
import { toUrl } from './here.js'

export type UploadOptions = {
  readonly file: File
  /** MiniMax's word for it. */
  readonly purpose: string
  readonly token: string
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
}

/** Resolves to the new file's id; rejects with an `Error` whose message can be shown. */
export function upload({ file, purpose, token, onProgress, signal }: UploadOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const query = new URLSearchParams({ purpose, filename: file.name })
    request.open('PUT', toUrl(`files?${query}`))
    if (token !== '') request.setRequestHeader('authorization', `Bearer ${token}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(loaded / Math.max(total, 1)),
    )
    request.addEventListener('load', () => {
      const id: unknown = request.response?.file?.id
      if (typeof id === 'string') return resolve(id)
      reject(new Error(toMessage(request.response?.errors) ?? `The server answered HTTP ${request.status}.`))
    })
    request.addEventListener('error', () => reject(new Error('The upload broke off.')))
    request.addEventListener('abort', () => reject(new Error('The upload was stopped.')))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
