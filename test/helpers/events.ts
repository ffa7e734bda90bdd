// A client of server-sent events that shows what comes, comments too, as it comes.
import { onTestFinished } from 'vitest'

export type Event = {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its subscription asked for
  readonly data: any
}

const HEADERS = { 'content-type': 'application/json', accept: 'text/event-stream' }

/** The answer to a subscription. `next` resolves to each event in turn, and to `undefined` once there are no more. */
export async function subscribe(
  url: string,
  body: { readonly query?: string; readonly [member: string]: unknown },
  headers: Readonly<Record<string, string>> = {},
) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...HEADERS, ...headers },
    body: JSON.stringify(body),
    signal: controller.signal,
  })
  const stream = { text: '', comments: 0 }
  const parts = split(response)

  async function next(): Promise<Event | undefined> {
    for (;;) {
      const { value, done } = await parts.next()
      if (done) return undefined
      stream.text += `${value}\n\n`
      if (value.startsWith(':')) stream.comments++
      else return toEvent(value)
    }
  }

  /** All that is still to come. */
  async function rest(): Promise<Event[]> {
    const events: Event[] = []
    for (let event = await next(); event; event = await next()) events.push(event)
    return events
  }

  return { response, stream, next, rest, leave: () => controller.abort() }
}

async function* split(response: Response): AsyncGenerator<string, undefined> {
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    yield* parts
  }
}

function toEvent(part: string): Event {
  const [, name = '', data = ''] = /^event: (\w+)\ndata:(.*)$/.exec(part) ?? []
  return { name, data: data === '' ? null : JSON.parse(data) }
}
