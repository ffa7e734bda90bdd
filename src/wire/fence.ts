// The fence around links: where a connection may lead. It is checked where the connection is made, so that neither a
// name that changes its address nor an address in disguise gets by.
import { type LookupAddress, lookup as lookupName } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { isLoopbackAddress, isPublic } from './address.js'
import { WireError } from './fault.js'
import { createProxyConnector } from './proxy.js'

export type FenceOptions = {
  /** For an upstream on this machine: its links lead here too, by http and to any port. */
  readonly allowLoopback: boolean
  /** The proxy on the way there, if there is one. */
  readonly findProxy?: (target: URL) => URL | undefined
  readonly lookup?: typeof lookupName
  readonly connectTimeoutMs: number
}

/** Names that public DNS does not have; a proxy may know them from within its own network. */
const INNER = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'test', 'invalid']

/** Connects to `https` on port 443 of public hosts, and to nothing else. */
export function createFence(options: FenceOptions): buildConnector.connector {
  const { allowLoopback, findProxy = () => undefined, lookup = lookupName, connectTimeoutMs } = options
  const isOpen = (address: string) => isPublic(address) || (allowLoopback && isLoopbackAddress(address))
  const direct = buildConnector({ timeout: connectTimeoutMs, lookup: createLookup(lookup, isOpen) })
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`)
    const host = toHost(url)
    const isHere = allowLoopback && (host === 'localhost' || isLoopbackAddress(host))
    const isLink = url.protocol === 'https:' && url.port === ''
    const isKnown = isIP(host) === 0 || isOpen(host)
    const proxy = findProxy(url)
    if (!isKnown || !(isHere || (isLink && isPublicName(host)))) callback(new WireError('barred'), null)
    else if (proxy === undefined) direct(target, callback)
    else createProxyConnector(proxy)(target, callback)
  }
}

/** As the URL parser writes it, which knows every spelling of an address; without brackets and the last dot. */
function toHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$|\.$/g, '')
}

/** By the text alone: all that can be checked where a proxy asks for the address. */
function isPublicName(host: string): boolean {
  if (isIP(host) !== 0) return true
  return host.includes('.') && !INNER.some((name) => host === name || host.endsWith(`.${name}`))
}

/** A look-up that fails if any of the addresses is closed, and else gives those that it has checked. */
function createLookup(lookup: typeof lookupName, isOpen: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const [first] = found ?? []
      if (error) callback(error, '')
      else if (first === undefined || !found.every(({ address }) => isOpen(address)))
        callback(new WireError('barred'), '')
      else if (options.all) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}
