import { createHash, randomBytes } from 'node:crypto'
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Duplex, Readable } from 'node:stream'
import { type Downstream, tunnel } from './downstream.ts'

/** The client's side of one HTTP/2 stream; `tunnels` when it is an extended CONNECT for a WebSocket (RFC 8441). */
export class H2Downstream implements Downstream {
  onDrain: () => void = () => {}
  onGone: () => void = () => {}
  readonly body: Readable | null
  readonly canSwitch: boolean
  private gone = false
  private rawTrailers: string[] = []
  private answerTrailers: string[] = []
  private readonly stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, hasBody: boolean, tunnels: boolean) {
    this.stream = stream
    this.body = hasBody ? stream : null
    this.canSwitch = tunnels
    stream.on('close', () => this.leave())
    stream.on('error', () => this.leave())
    // The answer is out before the request was read: the rest of it is not wanted (RFC 9113, 8.1).
    stream.on('finish', () => {
      if (!stream.readableEnded && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR)
    })
    stream.on('drain', () => this.onDrain())
    stream.on('trailers', (_trailers, _flags, rawTrailers: string[] = []) => {
      this.rawTrailers = rawTrailers
    })
    if (!hasBody && !tunnels) stream.resume()
  }

  trailers(): string[] {
    return this.rawTrailers
  }

  sendContinue(): void {
    if (!this.gone) this.stream.additionalHeaders({ ':status': 100 })
  }

  sendInterim(status: number, fields: string[]): void {
    if (!this.gone && !this.stream.headersSent) this.stream.additionalHeaders(headersOf(status, fields))
  }

  start(status: number, fields: string[], more: { hasBody: boolean; trailers: boolean }): void {
    if (this.gone || this.stream.headersSent) return
    this.stream.respond(headersOf(status, fields), {
      endStream: !more.hasBody,
      waitForTrailers: more.trailers,
    })
    if (!more.trailers) return
    // With none Node ends the stream by an empty frame.
    this.stream.on('wantTrailers', () => this.stream.sendTrailers(plainOf(this.answerTrailers)))
  }

  write(chunk: Buffer): boolean {
    return this.gone || this.stream.write(chunk)
  }

  end(last: Buffer | null, trailers: string[]): void {
    if (this.gone) return
    this.answerTrailers = trailers
    if (last) this.stream.end(last)
    else this.stream.end()
  }

  abort(): void {
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  switchTo(fields: string[], upstream: Duplex, rest: Buffer): void {
    if (this.gone) {
      upstream.destroy()
      return
    }
    const kept = fields.flatMap((name, index) =>
      index % 2 === 0 && name.toLowerCase() !== 'sec-websocket-accept' ? [name, fields[index + 1]!] : [],
    )
    this.stream.respond(headersOf(200, kept))
    this.stream.write(rest)
    tunnel(this.stream, upstream, () => this.leave())
  }

  private leave(): void {
    if (this.gone) return
    this.gone = true
    this.onGone()
  }
}

/** A key for the HTTP/1.1 handshake that RFC 8441 leaves out. */
export function newWebSocketKey(): string {
  return randomBytes(16).toString('base64')
}

/** What an upstream has to answer to that key (RFC 6455, 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** Of these Node refuses lists; a second one is a mistake of the upstream's, and browsers take the first. */
const singular = new Set([
  'content-type',
  'content-length',
  'location',
  'etag',
  'date',
  'expires',
  'last-modified',
  'retry-after',
  'age',
  'content-location',
  'content-range',
])

function headersOf(status: number, fields: string[]): OutgoingHttpHeaders {
  return { ':status': status, ...plainOf(fields) }
}

function plainOf(fields: string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null)
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]!.toLowerCase()
    const value = fields[index + 1]!
    const before = headers[name]
    if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value
    else if (name !== 'set-cookie') headers[name] = singular.has(name) ? before : `${before}, ${value}`
    else headers[name] = [...before, value]
  }
  return headers
}
