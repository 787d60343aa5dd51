import { insideApp } from './inside-app.ts'
import type { EnvironmentValue, Spec } from './requests.ts'

/** How the application reaches its database; `url` holds the others. */
export type DatabaseAddress = Record<'url' | 'host' | 'port' | 'name' | 'user' | 'password', string>

/** Over its Unix socket, or over a port of the sandbox's own loopback where the spec names one. */
export function databaseAddress(spec: Pick<Spec, 'databasePort'>, password: string): DatabaseAddress {
  const common = { name: 'app', user: 'app', password }
  if (spec.databasePort === undefined) {
    const url = `postgres://app:${password}@/app?host=${encodeURIComponent(insideApp.database)}`
    return { ...common, url, host: insideApp.database, port: '5432' }
  }
  const port = String(spec.databasePort)
  return { ...common, url: `postgres://app:${password}@127.0.0.1:${port}/app`, host: '127.0.0.1', port }
}

/** The environment as the application gets it. */
export function resolveEnvironment(
  environment: Spec['environment'],
  address: DatabaseAddress,
): Record<string, string> {
  const text = (value: EnvironmentValue): string =>
    typeof value === 'string'
      ? value
      : value
          .map((part) => {
            if (typeof part === 'string') return part
            return 'database' in part ? address[part.database] : part.filled
          })
          .join('')
  return mapValues(environment, text)
}

/** The same environment without anything of an instance: what is not the manifest's own text gives way to a stand-in. */
export function environmentOfNobody(environment: Spec['environment']): Spec['environment'] {
  return mapValues(environment, (value, name) =>
    typeof value === 'string'
      ? standIn(name)
      : value.map((part) => (typeof part === 'object' && 'filled' in part ? standIn(name) : part)),
  )
}

function standIn(name: string): string {
  if (/URL|URI/i.test(name)) return 'http://localhost/'
  return /MAIL/i.test(name) ? 'nobody@localhost.invalid' : 'placeholder-for-compilation'
}

function mapValues<A, B>(all: Record<string, A>, change: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(value, name)]))
}
