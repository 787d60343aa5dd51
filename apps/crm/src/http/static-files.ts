import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { RELEASE_DIR } from '../release-dir.ts'
import { Problem } from './problem.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

const PUBLIC_DIR = [join(RELEASE_DIR, 'public'), join(RELEASE_DIR, 'dist/public')].find((dir) =>
  existsSync(dir),
)

let names: Promise<ReadonlySet<string>> | undefined

/** Only files that the build made can be asked for: the path is looked up in their list, never joined blindly. */
function publicFiles(): Promise<ReadonlySet<string>> {
  names ??= (async () => {
    if (!PUBLIC_DIR) return new Set<string>()
    const entries = await readdir(PUBLIC_DIR, { recursive: true, withFileTypes: true })
    return new Set(
      entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(PUBLIC_DIR.length)),
    )
  })()
  return names
}

export async function answerStatic(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Problem(405, 'Pages are only read; the API is under /api.', [], { allow: 'GET, HEAD' })
  }
  if (path === '/' || path === '/app') {
    response.writeHead(307, { location: '/app/', 'cache-control': 'no-store' }).end()
    return
  }
  const files = await publicFiles()
  const isPage = path.startsWith('/app/')
  const name = isPage ? '/index.html' : path === '/favicon.ico' ? '/icon.svg' : path
  if (!files.has(name) || name.endsWith('.br')) throw new Problem(404, 'There is no such page.')

  const brotli = files.has(`${name}.br`) && /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const bytes = await readFile(join(PUBLIC_DIR!, brotli ? `${name}.br` : name))
  response.writeHead(200, {
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'content-length': bytes.length,
    // What is under /assets bears its hash in its name.
    'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    ...(brotli && { 'content-encoding': 'br' }),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
