import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The address of a client as it goes into X-Forwarded-For: IPv4 in dots also when it came in as IPv6. */
export function addressOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return 'unknown'
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
}

/** Counts connections by who opened them: an IPv4 address, or the /64 that one IPv6 client has to itself. */
export class ConnectionCount {
  private readonly byClient = new Map<string, number>()
  private total = 0
  private readonly limits: { all: number; ofOne: number }

  constructor(limits: { all: number; ofOne: number }) {
    this.limits = limits
  }

  /** A function to call when the connection is over, or null when there are too many. */
  enter(remoteAddress: string | undefined): (() => void) | null {
    const client = clientOf(addressOf(remoteAddress))
    const open = this.byClient.get(client) ?? 0
    if (open >= this.limits.ofOne || this.total >= this.limits.all) return null
    this.byClient.set(client, open + 1)
    this.total++
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.total--
      const left = (this.byClient.get(client) ?? 1) - 1
      if (left === 0) this.byClient.delete(client)
      else this.byClient.set(client, left)
    }
  }
}

function clientOf(address: string): string {
  if (!isIPv6(address)) return address
  return ipaddr.IPv6.parse(address).parts.slice(0, 4).join(':')
}
