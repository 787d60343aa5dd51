import { openSync } from 'node:fs'
import http from 'node:http'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { unreachable } from './problem.ts'

// Linux takes 107 bytes as a Unix socket's path.
const SOCKET_PATH_BYTES = 107
const SILENCE_MS = 120_000

/** Where a server is: behind a Unix socket, or at an origin such as https://console.borgen.localhost:8443. */
export type Place = { socketPath: string } | { origin: string; ca?: string | undefined }

export type Sent = {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string>
  /** A stream is made anew for each attempt. */
  body?: string | (() => Readable)
  /** How long nothing may be heard before the connection counts as lost; two minutes unless given. */
  silenceMs?: number
}

export type Received = { status: number; headers: http.IncomingHttpHeaders; body: http.IncomingMessage }

/** Sends one request. Rejects with a problem `unreachable` whose cause is the error of the connection. */
export type Transport = (sent: Sent) => Promise<Received>

/** Requests over kept-open connections to one place; names under .localhost are looked for on this machine. */
export async function createTransport(place: Place): Promise<Transport> {
  const connection = 'socketPath' in place ? overSocket(place.socketPath) : await overNetwork(place)
  return (sent) =>
    new Promise((resolve, reject) => {
      const { silenceMs = SILENCE_MS } = sent
      const request = connection.request({
        ...connection.options,
        method: sent.method,
        path: sent.path,
        headers: { host: connection.host, ...lengthOf(sent.body), ...sent.headers },
        timeout: silenceMs,
      })
      request.on('response', (body) => resolve({ status: body.statusCode ?? 0, headers: body.headers, body }))
      request.on('timeout', () => request.destroy(new Error(`nothing was heard for ${silenceMs / 1000} s`)))
      // After the answer began its reader hears of errors; this listener then only keeps them from being fatal.
      request.on('error', (cause) => reject(noConnection(connection.name, cause)))
      if (typeof sent.body === 'function') {
        const stream = sent.body()
        stream.on('error', (error) => {
          request.destroy(error)
          reject(error)
        })
        request.on('close', () => stream.destroy())
        stream.pipe(request)
      } else request.end(sent.body)
    })
}

/** Node gives the body of a DELETE no length by itself; a stream goes in chunks. */
function lengthOf(body: Sent['body']): Record<string, string> {
  if (body === undefined) return {}
  if (typeof body === 'function') return { 'transfer-encoding': 'chunked' }
  return { 'content-length': String(Buffer.byteLength(body)) }
}

type Connection = {
  name: string
  host: string
  options: http.RequestOptions & { ca?: string; servername?: string }
  request: typeof http.request
}

function overSocket(socketPath: string): Connection {
  const options = { socketPath: reachable(socketPath), agent: new http.Agent({ keepAlive: true }) }
  return { name: socketPath, host: 'localhost', options, request: http.request }
}

async function overNetwork({ origin, ca }: { origin: string; ca?: string | undefined }): Promise<Connection> {
  const url = new URL(origin)
  const isHere = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  const where = {
    host: isHere ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || undefined,
  }
  if (url.protocol === 'http:')
    return {
      name: origin,
      host: url.host,
      options: { ...where, agent: new http.Agent({ keepAlive: true }) },
      request: http.request,
    }
  const { default: https } = await import('node:https')
  return {
    name: origin,
    host: url.host,
    options: {
      ...where,
      agent: new https.Agent({ keepAlive: true }),
      servername: url.hostname,
      ...(ca === undefined ? {} : { ca }),
    },
    request: https.request,
  }
}

/** The same socket under a path that is short enough: seen through a descriptor of its folder. */
function reachable(socketPath: string): string {
  if (Buffer.byteLength(socketPath) <= SOCKET_PATH_BYTES) return socketPath
  try {
    return `/proc/self/fd/${openSync(dirname(socketPath), 'r')}/${basename(socketPath)}`
  } catch (cause) {
    throw noConnection(socketPath, cause)
  }
}

function noConnection(name: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return unreachable(
    `Nobody answers at ${name}: ${reason}.`,
    'Start Borgen there, or correct the address.',
    cause,
  )
}
