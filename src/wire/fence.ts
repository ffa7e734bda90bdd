// Where a link's connection may lead: public addresses only. This is checked when the connection is made, so that neither DNS
// rebinding nor an unusual spelling of an address gets past it.
import { type LookupAddress, lookup as lookupName } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { isLoopbackAddress, isPublic } from './address.js'
import { WireError } from './fault.js'
import { createProxyConnector } from './proxy.js'

export type FenceOptions = {
  /** Allows loopback, http and any port: for an upstream on this machine, whose links lead here too. */
  readonly allowLoopback: boolean
  /** The proxy on the way there, if there is one. */
  readonly findProxy?: (target: URL) => URL | undefined
  readonly lookup?: typeof lookupName
  readonly connectTimeoutMs: number
}

/** Names that public DNS does not have, but the network of a proxy may have. */
const INNER = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'test', 'invalid']

/** Connects only to `https` on port 443 of public hosts. */
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

/** The host in the spelling of the URL parser, which normalises addresses, without brackets and final dot. */
function toHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$|\.$/g, '')
}

/** Checks the text alone, since behind a proxy it is the proxy that resolves the name. */
function isPublicName(host: string): boolean {
  if (isIP(host) !== 0) return true
  return host.includes('.') && !INNER.some((name) => host === name || host.endsWith(`.${name}`))
}

/** A DNS look-up that fails if any address is not public, and otherwise returns the checked addresses. */
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
