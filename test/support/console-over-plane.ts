import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { SESSION_COOKIE } from '../../src/access/authenticate.ts'
import { openSession } from '../../src/access/sign-in.ts'
import { buildConsole } from '../../web/build.ts'
import type { TestPlane } from './plane.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}
const ORIGIN = 'https://console.borgen.localhost:8443'

/** The built console in front of a test plane's real API, as if this person were signed in; for pages with much data. */
export async function startConsole(
  plane: TestPlane,
  person: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const dist = mkdtempSync(join(tmpdir(), 'bconsole-'))
  await buildConsole(dist)
  await plane.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = plane.app.server.address() as AddressInfo
  const session = await openSession(plane.server.db, {
    person,
    method: 'passkey',
    behind: [],
    now: plane.clock.now(),
  })
  const server = createServer((asked, answer) => {
    const path = normalize(new URL(asked.url ?? '/', 'http://console').pathname)
    if (path.startsWith('/v1/')) {
      const headers = {
        ...asked.headers,
        host: ORIGIN.replace('https://', ''),
        origin: ORIGIN,
        cookie: `${SESSION_COOKIE}=${session}`,
      }
      const onward = request(
        { host: '127.0.0.1', port, path: asked.url, method: asked.method, headers },
        (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers)
          response.pipe(answer)
        },
      )
      onward.on('error', () => answer.destroy())
      answer.on('close', () => onward.destroy())
      asked.pipe(onward)
      return
    }
    const file = join(dist, path)
    const isFile = extname(path) !== '' && existsSync(file)
    answer.writeHead(200, { 'content-type': isFile ? (TYPES[extname(path)] ?? 'text/plain') : 'text/html' })
    answer.end(readFileSync(isFile ? file : join(dist, 'index.html')))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      rmSync(dist, { recursive: true, force: true })
    },
  }
}
