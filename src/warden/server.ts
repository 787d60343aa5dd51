import { createHash, timingSafeEqual } from 'node:crypto'
import { chmod, chown, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { isAppError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import type { Started } from './life.ts'
import {
  type Answer,
  type Parsed,
  parseRequest,
  requestLimitBytes,
  type Spec,
  type WardenRequest,
} from './requests.ts'

const requestLimitMs = 5000
const connectionLimit = 256

/** All that the worker can make the warden do. */
export type Commands = {
  start(spec: Spec): Promise<Started>
  stop(instance: string): Promise<void>
  destroy(instance: string): Promise<void>
}

/** What one of the warden's two callers may ask: the words that are taken, the token that goes with them, who carries them out. */
export type Door<R> = {
  parse(line: string): Parsed<R>
  token: string | undefined
  carryOut(request: R): Promise<unknown>
}

/** The worker's door: start, stop and destroy, and nothing else. */
export function workersDoor(commands: Commands, token: string | undefined): Door<WardenRequest> {
  return {
    parse: parseRequest,
    token,
    async carryOut(request) {
      if (request.request === 'start') return commands.start(request.spec)
      await commands[request.request](request.instance)
      return {}
    },
  }
}

type Asked = { request: string; token?: string | undefined }

/**
 * Serves one request a connection: a line of JSON in, a line of JSON out. Everything but this door's words in exactly the
 * right form, and with its token, is refused and recorded; nothing from outside is repeated in the record.
 */
export function createWardenServer<R extends Asked>(door: Door<R>, logger: Logger): Server {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    readLine(socket, (line) => {
      void answerTo(line, door, logger).then((answer) => {
        socket.end(`${JSON.stringify(answer)}\n`)
      })
    })
  })
  server.maxConnections = connectionLimit
  return server
}

export async function listenAt(
  server: Server,
  path: string,
  owner: { uid: number; gid: number } | undefined,
): Promise<void> {
  await rm(path, { force: true })
  const before = process.umask(0o177)
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(path, resolve)
    await promise
  } finally {
    process.umask(before)
  }
  if (owner) await chown(path, owner.uid, owner.gid)
  await chmod(path, 0o600)
}

function readLine(socket: Socket, done: (line: string) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  let answered = false
  const finish = () => {
    if (answered) return
    answered = true
    clearTimeout(limit)
    const whole = Buffer.concat(chunks)
    const end = whole.indexOf(10)
    done(whole.toString('utf8', 0, end < 0 ? whole.length : end))
  }
  const limit = setTimeout(() => socket.destroy(), requestLimitMs)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimeout(limit))
  socket.on('end', finish)
  socket.on('data', (chunk: Buffer) => {
    if (answered) return
    bytes += chunk.length
    if (bytes > requestLimitBytes) {
      answered = true
      socket.destroy()
      return
    }
    chunks.push(chunk)
    if (chunk.includes(10)) finish()
  })
}

async function answerTo<R extends Asked>(line: string, door: Door<R>, logger: Logger): Promise<Answer> {
  const { token } = door
  const parsed = door.parse(line)
  if ('refused' in parsed) {
    logger.warn('refused a request', { why: parsed.refused, bytes: line.length })
    return { ok: false, code: 'bad_request', message: `The warden refused the request: ${parsed.refused}.` }
  }
  const { request } = parsed
  if (token !== undefined && !sameSecret(request.token, token)) {
    logger.warn('refused a request', { why: 'wrong token' })
    return { ok: false, code: 'forbidden', message: 'The warden refused the request: wrong token.' }
  }
  try {
    return { ok: true, result: await door.carryOut(request) }
  } catch (error) {
    logger.error('a request failed', { request: request.request, error })
    if (isAppError(error) && (error.code === 'unavailable' || error.code === 'bad_request')) {
      return {
        ok: false,
        code: error.code,
        message: error.message,
        ...(error.detail ? { detail: error.detail } : {}),
      }
    }
    return { ok: false, code: 'internal', message: 'The warden could not do it; its log says why.' }
  }
}

function sameSecret(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given ?? ''), digest(expected))
}
