/**
 * Whether one Set-Cookie value (attacker-controlled) stays with `host` (lower case, no port): it names no domain, or
 * its own host only. Every Domain attribute has to, since clients differ in which of several they take.
 */
export function staysWithHost(setCookie: string, host: string): boolean {
  const parts = setCookie.split(';')
  for (let index = 1; index < parts.length; index++) {
    const part = parts[index]!
    const equals = part.indexOf('=')
    const key = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (key !== 'domain') continue
    const value =
      equals === -1
        ? ''
        : part
            .slice(equals + 1)
            .trim()
            .toLowerCase()
    const domain = value.startsWith('.') ? value.slice(1) : value
    // An empty Domain makes a cookie host-only (RFC 6265bis, 5.6.3).
    if (value !== '' && domain !== host) return false
  }
  return true
}

/** The name of the cookie that a Set-Cookie value sets, for the record; never its value. */
export function cookieNameOf(setCookie: string): string {
  const pair = setCookie.split(';', 1)[0]!
  const equals = pair.indexOf('=')
  return (equals === -1 ? '' : pair.slice(0, equals)).trim().slice(0, 64)
}
