// The playground's page: static files that the build made, and one JSON file that tells them what serves. All of it
// is public: the page itself asks for a token.
import { existsSync } from 'node:fs'
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import helmet from 'helmet'
import type { Log } from './log.js'

/** What the page is told, and anybody may know. It holds nothing that came with a request. */
export type PlaygroundFacts = {
  /** Where the files come from. On the sandbox nothing is paid. */
  readonly upstream: 'sandbox' | 'cometapi' | 'minimax'
  readonly pricePerCallUsd: number
  /** By model, resolution and seconds of a video, such as `t2v-01 720P 6`; by model of a million characters of speech. */
  readonly taskPricesUsd: Readonly<Record<string, number>>
  readonly needsToken: boolean
  /** Whether the page can read the schema, for its documentation and completion. */
  readonly introspection: boolean
  /** Whether files can be uploaded and deleted at all. */
  readonly writes: boolean
  /** The sandbox's files; none where files are somebody's own. */
  readonly files: readonly {
    readonly id: string
    readonly filename: string
    readonly note: string
    readonly linkLifetimeSeconds?: number
  }[]
}

// The same place from src/http/ and from dist/http/.
const folder = fileURLToPath(new URL('../../dist/playground/', import.meta.url))

/**
 * Only our own origin, and no script that is not a file of it: what comes back from upstream is shown on this page.
 * The editor sets styles of its own while it runs.
 */
const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': ["'self'"],
  // Files are shown by their `content/` addresses; the editor draws its signs.
  'img-src': ["'self'", 'data:'],
  'media-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/** Serves the page at `/`, and what it is made of under `/playground`. */
export async function addPlayground(app: FastifyInstance, facts: PlaygroundFacts, log: Log): Promise<void> {
  if (!existsSync(folder)) {
    log.warn('the playground is not built: run npm run build')
    return
  }
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true, logged: 'none' }
    })
    const headers = toSecurityHeaders()
    page.addHook('onRequest', (_request, reply, done) => {
      reply.headers(headers)
      reply.header('vary', [reply.getHeader('vary') ?? [], 'accept-encoding'].flat().join(', '))
      done()
    })
    // Each file's name changes with what is in it, so it may be kept for good; the page that names them may not.
    await page.register(fastifyStatic, {
      root: folder,
      prefix: '/playground/',
      wildcard: false,
      globIgnore: ['index.html', 'licences.md', '**/*.{br,gz}'],
      index: false,
      preCompressed: true,
      immutable: true,
      maxAge: '1y',
    })
    page.get('/', (_request, reply) => reply.sendFile('index.html', { immutable: false, maxAge: 0 }))
    page.get('/playground.json', (_request, reply) => reply.header('cache-control', 'no-store').send(facts))
  })
}

/** Helmet's headers. They say the same on each answer, so they are made once. */
function toSecurityHeaders(): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    xFrameOptions: { action: 'deny' },
    // Whoever ends TLS in front of us knows whether every name of the domain has it.
    strictTransportSecurity: false,
  })
  setHeaders(request, response, (error?: unknown) => {
    if (error) throw error
  })
  return { ...response.getHeaders() }
}
