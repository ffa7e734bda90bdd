// Which addresses are public. Any other may be inside someone's network, so a link to it is not followed.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** From IANA's registry of special-purpose addresses: those that are not globally reachable, or are not one host. */
const closedIPv4 = toBlockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
])

/** The only global unicast block of IPv6, and the parts of it that have other uses. */
const openIPv6 = toBlockList('ipv6', [['2000::', 3]])
const closedIPv6 = toBlockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
])

const loopback = toBlockList('ipv4', [['127.0.0.0', 8]])

type Subnet = readonly [address: string, bits: number]

function toBlockList(family: 'ipv4' | 'ipv6', subnets: readonly Subnet[]): BlockList {
  const list = new BlockList()
  for (const [address, bits] of subnets) list.addSubnet(address, bits, family)
  return list
}

/** Whether the address is one of the public internet. An IPv4 address within an IPv6 one is judged for itself. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !closedIPv4.check(address, 'ipv4')
  const groups = toGroups(address)
  if (groups === undefined) return false
  const inner = findInner(groups)
  if (inner !== undefined) return isPublic(inner)
  return openIPv6.check(address, 'ipv6') && !closedIPv6.check(address, 'ipv6')
}

export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? loopback.check(address, 'ipv4') : address === '::1'
}

/** The eight numbers of an IPv6 address; `undefined` for anything else, and for one with a zone, which is never public. */
function toGroups(address: string): readonly number[] | undefined {
  if (!isIPv6(address) || address.includes('%')) return undefined
  // The URL parser writes IPv4 at the end in hexadecimal digits too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const toNumbers = (text: string) =>
    text === '' ? [] : text.split(':').map((each) => Number.parseInt(each, 16))
  const first = toNumbers(head)
  if (tail === undefined) return first
  const last = toNumbers(tail)
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last]
}

/** `::ffff:a.b.c.d`, `::a.b.c.d`, `64:ff9b::a.b.c.d` and `2002:…::`, which lead to an IPv4 address. */
function findInner(groups: readonly number[]): string | undefined {
  const [first, second, third] = groups
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  if (first === 0x2002) return toIPv4(second, third)
  const isMapped = isZero(0, 5) && (groups[5] === 0xffff || groups[5] === 0)
  const isTranslated = first === 0x64 && second === 0xff9b && isZero(2, 6)
  return isMapped || isTranslated ? toIPv4(groups[6], groups[7]) : undefined
}

function toIPv4(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
