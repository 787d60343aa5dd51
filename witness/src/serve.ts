import { chmodSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { VerifierKey, WitnessKey } from './keys.ts'
import { type Memory, originHash } from './memory.ts'
import { type Answer, addCheckpoint, newestCheckpoint } from './witness.ts'

// A request is at most 63 lines of proof and a note of 64 KiB.
const BODY_LIMIT = 72 * 1024
const REQUEST_MS = 10_000
const CONNECTIONS = 200

/** Where a witness listens. */
export type Place = { socketPath: string } | { host: string; port: number }

/** What to serve, and how. */
export type Serving = {
  key: WitnessKey
  logs: readonly VerifierKey[]
  memory: Memory
  nowMs: () => number
  tls?: { cert: Buffer; key: Buffer }
  /** One line for each request that was refused, and for each failure. */
  say(line: string): void
}

/** Listens, and resolves when it does; nobody is asked who he is: the log's signature is what counts. */
export async function serve(serving: Serving, place: Place): Promise<Server> {
  const listener: RequestListener = (request, response) => {
    answer(serving, request).then(
      ({ status, type, body }) => {
        if (status !== 200 && status !== 409)
          serving.say(`${request.method} ${request.url?.slice(0, 100)}: ${status} ${body.trim()}`)
        response
          .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
          .end(body)
      },
      (error: unknown) => {
        serving.say(`failed: ${error instanceof Error ? error.message : error}`)
        response.writeHead(500, { 'content-type': 'text/plain' }).end('this witness cannot answer now\n')
      },
    )
  }
  const server = serving.tls ? createTlsServer(serving.tls, listener) : createServer(listener)
  server.requestTimeout = REQUEST_MS
  server.headersTimeout = REQUEST_MS
  server.maxConnections = CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if ('socketPath' in place) {
      removeStaleSocket(place.socketPath)
      server.listen(place.socketPath, resolve)
    } else server.listen(place.port, place.host, resolve)
  })
  if ('socketPath' in place) chmodSync(place.socketPath, 0o660)
  return server
}

async function answer(serving: Serving, request: IncomingMessage): Promise<Answer> {
  const path = new URL(request.url ?? '/', 'http://witness').pathname
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return plain(405, 'POST a checkpoint here')
    const body = await bodyOf(request)
    return body === undefined
      ? plain(413, 'a checkpoint with its proof is shorter')
      : addCheckpoint(serving, body)
  }
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? []
  if (hash === undefined) return plain(404, 'there is /add-checkpoint and /<origin hash>/checkpoint')
  if (request.method !== 'GET') return plain(405, 'GET this')
  return newestCheckpoint(serving, originHash, hash)
}

/** The body as text; undefined when it is too long. What is not UTF-8 becomes text that nobody signed. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > BODY_LIMIT) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function plain(status: number, why: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${why}\n` }
}

function removeStaleSocket(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isSocket()) rmSync(path)
}
