import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { type Downstream, tunnel } from './downstream.ts'

/** Where an upgrade's raw socket is, and what was read behind its request. */
export type RawSide = { socket: Duplex; rest: Buffer }

/** The client's side of one HTTP/1 request; `raw` when its socket was handed over for an upgrade. */
export class H1Downstream implements Downstream {
  onDrain: () => void = () => {}
  onGone: () => void = () => {}
  readonly body: Readable | null
  private gone = false
  private readonly request: IncomingMessage
  private readonly response: ServerResponse
  private readonly raw: RawSide | null

  constructor(request: IncomingMessage, response: ServerResponse, raw: RawSide | null, hasBody: boolean) {
    this.request = request
    this.response = response
    this.raw = raw
    this.body = hasBody ? request : null
    response.on('close', () => this.leave())
    response.on('drain', () => this.onDrain())
    response.on('error', () => this.leave())
    if (hasBody) request.on('error', () => this.leave())
  }

  get canSwitch(): boolean {
    return this.raw !== null
  }

  trailers(): string[] {
    return this.request.rawTrailers
  }

  sendContinue(): void {
    if (!this.gone) this.response.writeContinue()
  }

  sendInterim(status: number, fields: string[]): void {
    const { socket } = this.response
    if (this.gone || !socket || this.request.httpVersionMinor === 0 || this.response.headersSent) return
    socket.write(`HTTP/1.1 ${status} \r\n${linesOf(fields)}\r\n`, 'latin1')
  }

  start(status: number, fields: string[], more: { closes: boolean }): void {
    if (this.gone) return
    if (more.closes || this.raw) this.response.shouldKeepAlive = false
    this.response.writeHead(status, fields)
  }

  write(chunk: Buffer): boolean {
    return this.gone || this.response.write(chunk)
  }

  end(last: Buffer | null, trailers: string[]): void {
    if (this.gone) return
    for (let index = 0; index < trailers.length; index += 2)
      this.response.addTrailers([[trailers[index]!, trailers[index + 1]!]])
    if (last) this.response.end(last)
    else this.response.end()
  }

  abort(): void {
    this.response.destroy()
    this.request.destroy()
    this.leave()
  }

  switchTo(fields: string[], upstream: Duplex, rest: Buffer): void {
    if (this.gone || !this.raw) {
      upstream.destroy()
      return
    }
    const { socket, rest: early } = this.raw
    this.response.detachSocket(this.request.socket)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${linesOf(fields)}\r\n`,
      'latin1',
    )
    socket.write(rest)
    upstream.write(early)
    tunnel(socket, upstream, () => this.leave())
  }

  private leave(): void {
    if (this.gone) return
    this.gone = true
    this.onGone()
  }
}

function linesOf(fields: string[]): string {
  let text = ''
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`
  return text
}
