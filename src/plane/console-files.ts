import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pageHeaders } from './page.ts'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  woff2: 'font/woff2',
}
const ENCODINGS = { br: '.br', gzip: '.gz' } as const
type Encoding = keyof typeof ENCODINGS

type BuiltFile = {
  type: string
  isHashed: boolean
  bytes: Buffer
  encoded: Partial<Record<Encoding, Buffer>>
}

// connect-src and img-src: the API and its events, and the tab's picture, which is drawn from the verdicts.
const POLICY = "; script-src 'self'; connect-src 'self'; form-action 'self'"

/** The console's built pages, held in memory; undefined where nothing was built (tests of the API alone). */
export type ConsoleFiles = {
  /** Sends the application, for an address that is one of its pages. */
  sendPage(request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** Whether the application has pages below this first part of an address. */
  isPage(path: string): boolean
  files: ReadonlyMap<string, BuiltFile>
}

export function readConsoleFiles(folder: string): ConsoleFiles | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const all = new Set(names)
  const files = new Map<string, BuiltFile>()
  for (const name of names) {
    const type = TYPES[/\.([a-z0-9]+)$/.exec(name)?.[1] ?? '']
    if (type === undefined || /^(pages|manifest)\.json$/.test(name)) continue
    const encoded: BuiltFile['encoded'] = {}
    for (const [encoding, ending] of Object.entries(ENCODINGS))
      if (all.has(name + ending)) encoded[encoding as Encoding] = readFileSync(join(folder, name + ending))
    files.set(name, {
      type,
      isHashed: name.startsWith('assets/'),
      bytes: readFileSync(join(folder, name)),
      encoded,
    })
  }
  const pages = new Set(JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8')) as string[])
  const index = files.get('index.html')!
  return {
    files,
    isPage: (path) => pages.has(path.split(/[/?]/)[1] ?? ''),
    sendPage: (request, reply) => {
      const headers = pageHeaders(POLICY)
      headers['content-security-policy'] = headers['content-security-policy'].replace(
        "img-src 'self'",
        "img-src 'self' data:",
      )
      return sendEncoded(request, reply.headers({ ...headers, 'cache-control': 'no-cache' }), index)
    },
  }
}

/** Serves the built files on one name of the plane; what has a hash in its name never changes, the rest is asked for again. */
export function consoleFileRoutes(app: FastifyInstance, host: string, { files }: ConsoleFiles): void {
  for (const [name, file] of files)
    if (name !== 'index.html')
      app.get(
        `/${name}`,
        { constraints: { host }, config: { kind: 'public' as const }, schema: { hide: true } },
        (request, reply) =>
          sendEncoded(
            request,
            reply.headers({
              'content-type': file.type,
              'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
              'x-content-type-options': 'nosniff',
              'cross-origin-resource-policy': 'same-origin',
            }),
            file,
          ),
      )
}

function sendEncoded(request: FastifyRequest, reply: FastifyReply, file: BuiltFile): FastifyReply {
  const taken = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim().split(';')[0])
  reply.header('vary', 'accept-encoding')
  for (const encoding of ['br', 'gzip'] as const) {
    const bytes = file.encoded[encoding]
    if (bytes && taken.includes(encoding)) return reply.header('content-encoding', encoding).send(bytes)
  }
  return reply.send(file.bytes)
}
