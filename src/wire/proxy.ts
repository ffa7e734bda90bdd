// Proxies: which one to use for an address, if any, and a connector that opens a tunnel (CONNECT) for http and https alike.
import { BlockList, isIP, type Socket } from 'node:net'
import { Agent, buildConnector, Client, fetch } from 'undici'
import { WireError } from './fault.js'

export type Proxies = {
  /** URLs of the proxies for `https:` and `http:` addresses, with user and password if needed. */
  readonly https?: string | undefined
  readonly http?: string | undefined
  /** Hosts to reach without a proxy: names (with their subdomains), addresses, blocks, each with or without a port; `*`. */
  readonly except: readonly string[]
}

/** For DNS, TCP, the proxy's answer and TLS each. The caller's deadline normally comes first. */
const STEP_TIMEOUT_MS = 10_000

/** The proxy for an address, chosen as other programs do. */
export function chooseProxy(target: URL, { https, http, except }: Proxies): URL | undefined {
  const proxy = target.protocol === 'https:' ? https : http
  const isExcepted = except.some((entry) => matches(entry, target))
  return proxy === undefined || isExcepted ? undefined : new URL(proxy)
}

function matches(entry: string, target: URL): boolean {
  if (entry === '*') return true
  const [, bracketed, plain, ownPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  if (ownPort !== undefined && Number(ownPort) !== Number(port)) return false
  const host = target.hostname.replace(/^\[|\]$|\.$/g, '')
  const name = (bracketed ?? plain ?? entry).toLowerCase()
  return isIP(host) === 0 ? matchesName(name, host) : matchesAddress(name, host)
}

/** `.example.com` and `*.example.com` are meant as `example.com`. */
function matchesName(entry: string, host: string): boolean {
  const name = entry.replace(/^\*?\./, '').replace(/\.$/, '')
  return name !== '' && (host === name || host.endsWith(`.${name}`))
}

function matchesAddress(entry: string, host: string): boolean {
  const [address = '', prefix] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || family !== isIP(host)) return false
  const bits = family === 4 ? 32 : 128
  const length = prefix === undefined ? bits : Number(prefix)
  if (!Number.isInteger(length) || length < 0 || length > bits) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(address, length, type)
  return block.check(host, type)
}

/** Connects through the proxy. `tls` is for the connection inside the tunnel. */
export function createProxyConnector(
  proxy: URL,
  tls: buildConnector.BuildOptions = {},
): buildConnector.connector {
  const secure = buildConnector({ timeout: STEP_TIMEOUT_MS, ...tls })
  return (options, callback) => {
    openTunnel(proxy, options).then(
      (socket) => {
        if (options.protocol === 'https:') secure({ ...options, httpSocket: socket }, callback)
        else callback(null, socket)
      },
      (error: Error) => callback(error, null),
    )
  }
}

async function openTunnel(proxy: URL, { hostname, port, protocol }: buildConnector.Options): Promise<Socket> {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname
  const path = `${host}:${port || (protocol === 'https:' ? 443 : 80)}`
  const client = new Client(proxy.origin, {
    connectTimeout: STEP_TIMEOUT_MS,
    headersTimeout: STEP_TIMEOUT_MS,
  })
  try {
    const { socket, statusCode } = await client.connect({
      path,
      headers: { host: path, ...toAuthorization(proxy) },
    })
    if (statusCode === 200) return socket as Socket // typed wider, since HTTP/2 has streams instead
    socket.on('error', () => {}).destroy()
    throw new WireError('connect', { cause: new ProxyRefusal(statusCode) })
  } finally {
    await client.destroy() // the tunnel is no longer its own
  }
}

/** Its code may be logged. */
class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal'
  readonly code: string
  constructor(status: number) {
    super(`The proxy answers ${status}.`)
    this.code = `PROXY_STATUS_${status}`
  }
}

function toAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

type Init = { readonly headers: Headers; readonly signal: AbortSignal; readonly redirect: 'error' }

/** A `fetch` through the proxy. */
export function createProxyFetch(proxy: URL, tls: buildConnector.BuildOptions = {}) {
  const dispatcher = new Agent({ connect: createProxyConnector(proxy, tls) })
  return (url: string, { headers, ...init }: Init) =>
    fetch(url, { ...init, headers: [...headers], dispatcher })
}
