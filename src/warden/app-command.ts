import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { insideApp } from './inside-app.ts'
import type { Spec } from './requests.ts'

const relay = `${insideApp.borgen}/relay.mjs`
const preload = `${insideApp.borgen}/listen-on-socket.cjs`
export const egressPort = 3128

/** How a program is run, and with which variables beside its own. */
export type AppCommand = { command: string[]; environment: Record<string, string> }

/**
 * The program as it is where it listens on a Unix socket; with a preload where it is a node program that listens on a
 * port; below a relay where it is any other, where it may reach hosts (through the proxy on its loopback), or where it
 * knows its database by a port only.
 */
export function appCommand(spec: Spec, releaseDir: string, nodeOptions = ''): AppCommand {
  const port = 'port' in spec.listen ? spec.listen.port : undefined
  const preloaded = port !== undefined && runsNode(spec.start, releaseDir)
  const outward = spec.egress.length > 0
  const relays: Relay[] = []
  if (port !== undefined && !preloaded) relays.push([{ path: insideApp.socket }, loopback(port)])
  if (outward) relays.push([loopback(egressPort), { path: `${insideApp.egress}/proxy.sock` }])
  if (spec.database === 'postgres' && spec.databasePort !== undefined)
    relays.push([loopback(spec.databasePort), { path: `${insideApp.database}/.s.PGSQL.5432` }])
  const proxy = `http://127.0.0.1:${egressPort}`
  return {
    command:
      relays.length > 0
        ? [`${insideApp.node}/node`, '--max-old-space-size=32', relay, JSON.stringify(relays), ...spec.start]
        : spec.start,
    environment: {
      ...listening(spec, port, preloaded, nodeOptions),
      ...(outward
        ? {
            HTTP_PROXY: proxy,
            HTTPS_PROXY: proxy,
            http_proxy: proxy,
            https_proxy: proxy,
            NO_PROXY: 'localhost,127.0.0.1,::1',
            no_proxy: 'localhost,127.0.0.1,::1',
            // Node's own fetch looks at the variables only when told to.
            NODE_USE_ENV_PROXY: '1',
          }
        : {}),
    },
  }
}

/** From where to where bytes are carried. */
type Relay = [from: Endpoint, to: Endpoint]
type Endpoint = { path: string } | { host: string; port: number }
const loopback = (port: number): Endpoint => ({ host: '127.0.0.1', port })

function listening(
  spec: Spec,
  port: number | undefined,
  preloaded: boolean,
  nodeOptions: string,
): Record<string, string> {
  if ('socket' in spec.listen) return { [spec.listen.socket]: insideApp.socket }
  const own = { [spec.listen.env ?? 'PORT']: String(port) }
  if (!preloaded) return own
  return {
    ...own,
    BORGEN_LISTEN_PORT: String(port),
    BORGEN_LISTEN_SOCKET: insideApp.socket,
    NODE_OPTIONS: `${nodeOptions} --require=${preload}`.trim(),
  }
}

/** Whether the program is node itself or a script of the release that asks for it in its first line. */
function runsNode(start: string[], releaseDir: string): boolean {
  const program = start[0] ?? ''
  if (program === 'node' || program.endsWith('/node')) return true
  if (!program.includes('/')) return false
  const path = join(
    releaseDir,
    program.startsWith(`${insideApp.release}/`) ? program.slice(insideApp.release.length) : program,
  )
  if (!path.startsWith(`${releaseDir}/`)) return false
  return /^#!.*\bnode\b/.test(firstLine(path))
}

function firstLine(path: string): string {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return ''
  }
  try {
    const buffer = Buffer.alloc(256)
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, 256, 0)).split('\n')[0] ?? ''
  } catch {
    return ''
  } finally {
    closeSync(fd)
  }
}
