// Which host names an open server on loopback answers to. A web page can point its own name to this machine (DNS rebinding), and
// could then use the server from the visitor's browser.
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Whether the `Host` is a local name or an address, rather than a name that a stranger may own. */
export function createHostCheck(): (request: FastifyRequest) => boolean {
  // Cached, since the clients of a server on loopback use few names.
  let last: string | undefined
  return (request) => {
    if (request.host === last) return true
    if (!isOwnName(request.hostname)) return false
    last = request.host
    return true
  }
}

/** Names that containers use for their host, and developers for their machine. */
const RESERVED = ['.localhost', '.internal', '.test']

/** An address, or a name that public DNS does not have. */
function isOwnName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true
  return !name.includes('.') || RESERVED.some((domain) => name.endsWith(domain))
}
