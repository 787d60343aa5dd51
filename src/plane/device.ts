const BROWSERS = [
  ['Edge', 'Edg/'],
  ['Firefox', 'Firefox/'],
  ['Chrome', 'Chrome/'],
  ['Safari', 'Safari/'],
] as const
const SYSTEMS = [
  ['Android', 'Android'],
  ['an iPhone', 'iPhone'],
  ['an iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['a Mac', 'Macintosh'],
  ['Linux', 'Linux'],
] as const

/** What a person would call the browser that sent this User-Agent (outside text): "Firefox on Linux". */
export function deviceOf(userAgent: string): string {
  const [browser] = BROWSERS.find(([, sign]) => userAgent.includes(sign)) ?? ['A browser']
  const system = SYSTEMS.find(([, sign]) => userAgent.includes(sign))
  return system ? `${browser} on ${system[0]}` : browser
}
