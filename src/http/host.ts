// Under which names an open server on loopback answers: a web page can give its own name this machine's address (DNS
// rebinding), and would then ask as one of us.
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Whether a request comes under a name that may be one of ours: a name that a stranger may own is not. */
export function createHostCheck(): (request: FastifyRequest) => boolean {
  // All clients of a server on loopback call it by much the same name.
  let last: string | undefined
  return (request) => {
    if (request.host === last) return true
    if (!isOwnName(request.hostname)) return false
    last = request.host
    return true
  }
}

/** As containers call their host, and as developers call their own machine. */
const RESERVED = ['.localhost', '.internal', '.test']

/** An address, or a name that public DNS does not have. */
function isOwnName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true
  return !name.includes('.') || RESERVED.some((domain) => name.endsWith(domain))
}
