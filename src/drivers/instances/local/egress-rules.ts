import ipaddr from 'ipaddr.js'

export type Destination = { host: string; port: number }

/** Whether exactly this host (case aside) and port are listed; no patterns, no parts of names. */
export function isListed(allowed: readonly Destination[], host: string, port: number): boolean {
  const wanted = canonical(host)
  return allowed.some((one) => one.port === port && canonical(one.host) === wanted)
}

/**
 * Whether an address may be connected to: a public one, or one that is itself listed. A listed name that leads to this
 * machine, its network or a cloud's metadata does not count.
 */
export function mayReach(allowed: readonly Destination[], address: string, port: number): boolean {
  if (!ipaddr.isValid(address)) return false
  return ipaddr.process(address).range() === 'unicast' || isListed(allowed, address, port)
}

/** `host:port` of a CONNECT request; undefined when it is not that. */
export function parseAuthority(text: string): Destination | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]{1,253})):(\d{1,5})$/.exec(text)
  const [host, port] = [parts?.[1] ?? parts?.[2], Number(parts?.[3])]
  return host !== undefined && port >= 1 && port <= 65535 ? { host, port } : undefined
}

function canonical(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  return ipaddr.isValid(name) ? ipaddr.process(name).toNormalizedString() : name
}
