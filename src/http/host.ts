// Under which names an open server on loopback answers: a web page can give its own name this machine's address (DNS
// rebinding), and would then ask as one of us.
import { isIP } from 'node:net'

/** Whether a request that comes under this name may be one of ours: a name that a stranger may own is not. */
export function createHostCheck(): (hostname: string) => boolean {
  // All clients of a server on loopback call it by much the same name.
  let last = ''
  return (hostname) => {
    if (hostname === last) return true
    if (!isOwnName(hostname)) return false
    last = hostname
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
