// POST /v1/files/upload: a form with `purpose` and `file`, in any order. The file is stored before the answer is sent.

import { type Answer, createFileAnswer, createHtmlAnswer, createInvalidAnswer } from '../answer.js'
import type { Behaviour } from '../behaviour.js'
import { type AnswerPlan, answerWith, type Handler, type HandlerCall } from '../call.js'
import { DEFAULT_LINK_LIFETIME_SECONDS } from '../seed.js'
import type { RunningTotals } from '../totals.js'
import { toFields } from './describe.js'
import type { Folder, Intake, Stored } from './folder.js'
import { type Form, readForm } from './form.js'
import type { Held, Library } from './library.js'
import { parseBoundary } from './multipart.js'
import { findUploadRule, type PurposeRule, toEnding, toType } from './purposes.js'

/** What a form may add to the size of its file: boundaries, heads, and the purpose. */
const FORM_BYTES = 65_536

type Sources = {
  readonly library: Library
  readonly folder: Folder
  readonly totals: RunningTotals
  readonly behaviour: () => Behaviour
  readonly now: () => number
}

/** The texts of Go, in which the upstream seems to be written. */
const NOT_A_FORM = "request Content-Type isn't multipart/form-data"

/** The refusals that need only the headers. */
function refuseHead(
  { headers }: HandlerCall,
  maxBytes: number,
  { chunkedUploads }: Behaviour,
): Answer | undefined {
  const length = headers['content-length']
  if (length === undefined && !chunkedUploads) return createHtmlAnswer(411)
  return Number(length ?? 0) > maxBytes + FORM_BYTES ? createHtmlAnswer(413) : undefined
}

/** By the documentation the one purpose whose files are checked refuses with HTTP 400. The body is not documented. */
function refuseKind(
  { kinds }: PurposeRule,
  filename: string,
  size: number,
  { stamp }: HandlerCall,
): Answer | undefined {
  if (!kinds) return undefined
  const kind = kinds.find(({ endings }) => endings.includes(toEnding(filename)))
  if (kind && size <= kind.maxBytes) return undefined
  const problem = kind ? 'file is too large' : 'unsupported file format'
  return { ...createInvalidAnswer(stamp, problem), status: 400 }
}

type Accepted = { readonly filename: string; readonly purpose: string; readonly intake: Intake }

/** The texts are assumed. */
function checkForm({ purpose, file, refusal }: Form, call: HandlerCall): Accepted | Answer {
  const refuse = (problem: string) => createInvalidAnswer(call.stamp, problem)
  if (refusal === 'too-large') return createHtmlAnswer(413)
  if (refusal === 'full') return refuse('file storage is full, delete some files first')
  if (refusal) return refuse(refusal.problem)
  if (purpose === '') return refuse('purpose cannot be empty')
  const rule = findUploadRule(purpose)
  if (!rule) return refuse(`unsupported purpose: ${purpose}`)
  if (!file) return refuse('file cannot be empty')
  const { filename, intake } = file
  if (intake.size === 0) return refuse('file is empty')
  if (rule.maxBytes !== undefined && intake.size > rule.maxBytes) return refuse('file is too large')
  return refuseKind(rule, filename, intake.size, call) ?? { filename, purpose, intake }
}

export function createUploader({ library, folder, totals, behaviour, now }: Sources): Handler {
  function toHeld(filename: string, purpose: string, { body, release }: Stored): Held {
    return {
      id: library.mint(),
      filename,
      purpose,
      createdAtSeconds: Math.floor(now() / 1_000),
      body,
      link: 'oss-v1',
      linkLifetimeSeconds: DEFAULT_LINK_LIFETIME_SECONDS,
      backup: false,
      uploaded: true,
      foundFromMs: Number.NEGATIVE_INFINITY,
      release,
    }
  }

  async function keep({ filename, purpose, intake }: Accepted, { stamp }: HandlerCall): Promise<AnswerPlan> {
    const stored = await intake.finish(toType(filename))
    return {
      act: () => {
        const held = toHeld(filename, purpose, stored)
        library.add(held)
        totals.uploads++
        return createFileAnswer(stamp, toFields(held))
      },
      abandon: stored.release,
    }
  }

  return async (call) => {
    const refusal = refuseHead(call, folder.maxBytes, behaviour())
    if (refusal) return answerWith(refusal)
    const boundary = parseBoundary(call.headers['content-type'])
    if (boundary === undefined) return answerWith(createInvalidAnswer(call.stamp, NOT_A_FORM))
    const slowBytesPerSecond = () => behaviour().slowBytesPerSecond
    const form = await readForm(call.body, boundary, { folder, slowBytesPerSecond })
    const magic = form.file?.magic && 'fault' in form.file.magic ? form.file.magic.fault : undefined
    const checked = checkForm(form, call)
    if ('intake' in checked) return { ...(await keep(checked, call)), magic }
    await form.file?.intake.discard()
    return { ...answerWith(checked), magic }
  }
}
