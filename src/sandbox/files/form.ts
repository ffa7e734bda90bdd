// Reads the form of an upload: its purpose, and its file, which is written to the folder piece by piece. The parts may come
// in any order; parts with other names are ignored, as by Go.

import type { IncomingBody } from '../incoming.js'
import type { Folder, Intake, NoRoom } from './folder.js'
import { findNameMagic, type NameMagic } from './magic-names.js'
import { createMultipartParser, type MultipartEvent, MultipartFault } from './multipart.js'

export type Form = {
  purpose: string
  file?: { readonly filename: string; readonly intake: Intake; readonly magic: NameMagic | undefined }
  /** Why the upload is refused. */
  refusal?: NoRoom | { readonly problem: string }
}

const MAX_PURPOSE_BYTES = 256

type Sources = { readonly folder: Folder; readonly slowBytesPerSecond: () => number }

/** Collects the parts, until the form is refused. */
function createFormReader({ folder }: Sources) {
  const form: Form = { purpose: '' }
  let part = ''

  async function openPart(name: string, filename: string | undefined): Promise<void> {
    part = name === 'file' && !filename ? '' : name // without a file name it is a text field
    if (part !== 'file' || !filename) return
    if (form.file) form.refusal = { problem: 'there is more than one file' }
    else form.file = { filename, intake: await folder.receive(), magic: findNameMagic(filename) }
  }

  async function takeData(bytes: Buffer): Promise<void> {
    if (part === 'purpose') form.purpose += bytes.toString()
    if (form.purpose.length > MAX_PURPOSE_BYTES) form.refusal = { problem: 'purpose is too long' }
    const noRoom = part === 'file' && (await form.file?.intake.write(bytes))
    if (noRoom) form.refusal = noRoom
  }

  return {
    form,
    async take(event: MultipartEvent): Promise<void> {
      if (form.refusal) return
      if (event.kind === 'head') await openPart(event.name, event.filename)
      else if (event.kind === 'data') await takeData(event.bytes)
    },
  }
}

/**
 * Reads the whole body, or up to a file name that asks for an immediate failure. The caller must finish or discard the file
 * that was received; if the client disconnects, it is discarded here.
 */
export async function readForm(body: IncomingBody, boundary: string, sources: Sources): Promise<Form> {
  const { form, take } = createFormReader(sources)
  const parser = createMultipartParser(boundary)

  /** A refused form is still read to its end, but not stored. */
  async function unlessRefused(step: () => Promise<void>): Promise<void> {
    try {
      if (!form.refusal) await step()
    } catch (error) {
      if (!(error instanceof MultipartFault)) throw error
      form.refusal = { problem: error.message }
    }
  }

  try {
    for await (const chunk of body) {
      await unlessRefused(async () => {
        for (const event of parser.push(chunk)) await take(event)
      })
      if (form.file?.magic?.when === 'named') return form
      if (form.file?.magic?.when === 'reading') body.pace(sources.slowBytesPerSecond())
    }
    await unlessRefused(async () => parser.end())
    return form
  } catch (error) {
    await form.file?.intake.discard()
    throw error
  }
}
