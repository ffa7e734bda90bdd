import { createClient } from 'graphql-sse'

type Task = {
  readonly status: string
  readonly retryAfterSeconds: number | null
  readonly file: { readonly id: string; readonly downloadUrl: string | null } | null
}

const query = `subscription Follow($id: ID!) {
  videoTask(id: $id) { status retryAfterSeconds file { id downloadUrl } }
}`

/** Each state of a video task until it has ended. A stream that ends before is begun anew. */
export async function* followVideo(url: string, id: string): AsyncGenerator<Task> {
  const client = createClient({ url })
  for (;;) {
    for await (const { data, errors = [] } of client.iterate<{ videoTask: Task }>({
      query,
      variables: { id },
    })) {
      const [error] = errors
      if (error && error.extensions?.retryable !== true) throw new Error(error.message)
      if (!data) continue
      yield data.videoTask
      if (data.videoTask.retryAfterSeconds === null) return
    }
  }
}
