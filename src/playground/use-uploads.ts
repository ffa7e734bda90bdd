// The uploads of this visit, with their progress.
import { useRef, useState } from 'react'
import { guessPurpose } from './purposes.js'
import { upload } from './upload.js'

export type UploadState = {
  readonly key: number
  readonly file: File
  /** The part that has been sent, from 0 to 1. */
  readonly part: number
  readonly id?: string
  readonly fault?: string
  readonly stop: () => void
}

export function useUploads(token: string, onUploaded: () => void) {
  const [uploads, setUploads] = useState<readonly UploadState[]>([])
  const count = useRef(0)
  const change = (key: number, part: Partial<UploadState>) =>
    setUploads((all) => all.map((each) => (each.key === key ? { ...each, ...part } : each)))

  /** Without a purpose, the file's name decides. */
  function start(file: File, purpose: string): void {
    const key = ++count.current
    const left = new AbortController()
    setUploads((all) => [{ key, file, part: 0, stop: () => left.abort() }, ...all])
    const word = purpose || guessPurpose(file.name)
    if (word === undefined) {
      change(key, { fault: 'The extension does not tell the purpose. Select one, then add the file again.' })
      return
    }
    const onProgress = (part: number) => change(key, { part })
    upload({ file, purpose: word, token, onProgress, signal: left.signal }).then(
      (id) => {
        change(key, { part: 1, id })
        onUploaded()
      },
      (error: Error) => change(key, { fault: error.message }),
    )
  }

  return { uploads, start }
}
