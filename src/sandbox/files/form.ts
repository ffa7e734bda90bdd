// The form of an upload as it comes in: its purpose, and its file, which goes to the folder piece by piece. Parts come in
// any order; those of other names are passed over, as Go does.

import type { IncomingBody } from '../incoming.js'
import type { Folder, Intake, NoRoom } from './folder.js'
import { findNameMagic, type NameMagic } from './magic-names.js'
import { createMultipartParser, type MultipartEvent, MultipartFault } from './multipart.js'

export type Form = {
  purpose: string
  file?: { readonly filename: string; readonly intake: Intake; readonly magic: NameMagic | undefined }
  /** Why it cannot be taken. */
  refusal?: NoRoom | { readonly problem: string }
}

const MAX_PURPOSE_BYTES = 256

type Sources = { readonly folder: Folder; readonly slowBytesPerSecond: () => number }

/** Takes in what the parts hold, as far as the form can be taken. */
function createFormReader({ folder }: Sources) {
  const form: Form = { purpose: '' }
  let part = ''

  async function openPart(name: string, filename: string | undefined): Promise<void> {
    part = name === 'file' && !filename ? '' : name // a text of that name is no file
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
 * Reads all of the body, or up to a file name that asks for a failure at once. What was taken in so far is the caller's
 * to finish or discard; where the peer leaves, it is discarded here.
 */
export async function readForm(body: IncomingBody, boundary: string, sources: Sources): Promise<Form> {
  const { form, take } = createFormReader(sources)
  const parser = createMultipartParser(boundary)

  /** Whatever is refused is read to its end all the same, and kept nowhere. */
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
