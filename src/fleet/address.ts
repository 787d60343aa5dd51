import type { WorldConfig } from '../kernel/boot.ts'

/** `https://host` with the port where it is not 443. */
export function urlMaker(config: WorldConfig): (host: string) => string {
  const port = config.httpsPort === 443 ? '' : `:${config.httpsPort}`
  return (host) => `https://${host}${port}`
}
