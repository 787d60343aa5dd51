/** The regions of the register; each is one label below the apps' domain and has a certificate of its own. */
export const REGIONS = [
  'us',
  'uk',
  'eu-ireland',
  'eu-frankfurt',
  'australia',
  'singapore',
  'japan',
  'india',
] as const

/** The plane's own faces: first labels below the plane's domain. */
export const FACES = ['console', 'portal', 'trust', 'api'] as const

export type Domains = { planeDomain: string; appsDomain: string }

/** Where a name leads: the plane's server, one instance, or nowhere. */
export type Route =
  | { kind: 'plane'; name: string }
  | { kind: 'instance'; name: string; account: string; region: string }

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Parses the text of a Host header or `:authority` (attacker-controlled) into a lower-case name without its final dot
 * and a port; null for anything but a DNS name, so no user part, address, empty label or port out of range.
 */
export function parseHost(text: string): { name: string; port: number | null } | null {
  if (text.length > 260) return null
  const colon = text.indexOf(':')
  const bare = (colon === -1 ? text : text.slice(0, colon)).toLowerCase()
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare
  if (name.length === 0 || name.length > 253) return null
  if (!name.split('.').every((part) => label.test(part))) return null
  if (/(^|\.)[0-9]+$/.test(name)) return null
  if (colon === -1) return { name, port: null }
  const digits = text.slice(colon + 1)
  if (!/^[0-9]{1,5}$/.test(digits)) return null
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { name, port } : null
}

/** The route of a name as `parseHost` gives it; null when the edge serves no such name. */
export function routeOf(name: string, domains: Domains): Route | null {
  const face = below(name, domains.planeDomain)
  if (face !== null) return isOneOf(FACES, face) ? { kind: 'plane', name } : null
  const rest = below(name, domains.appsDomain)
  if (rest === null) return null
  const dot = rest.indexOf('.')
  const [account, region] = [rest.slice(0, dot), rest.slice(dot + 1)]
  if (dot === -1 || !label.test(account) || !isOneOf(REGIONS, region)) return null
  return { kind: 'instance', name, account, region }
}

/** The zones that certificates are issued for: each covers its one-label children. */
export function zonesOf(domains: Domains): string[] {
  return [domains.planeDomain, ...REGIONS.map((region) => `${region}.${domains.appsDomain}`)]
}

/** The zone that a routed name lies in. */
export function zoneOf(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}

function below(name: string, domain: string): string | null {
  return name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : null
}

function isOneOf(list: readonly string[], value: string): boolean {
  return list.includes(value)
}
