// Under which names an open server on loopback answers: a web page can give its own name this machine's address (DNS
// rebinding), and would then ask as one of us.
import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Refuse } from './refusal.js'

/** Turns away whoever calls us by a name that a stranger may own. */
export function addHostHook(app: FastifyInstance, refuse: Refuse): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isOwnName(request.hostname)) done()
    else refuse(request, reply, 421)
  })
}

/** As containers call their host, and as developers call their own machine. */
const RESERVED = ['.localhost', '.internal', '.test']

/** An address, or a name that public DNS does not have. */
function isOwnName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true
  return !name.includes('.') || RESERVED.some((domain) => name.endsWith(domain))
}
