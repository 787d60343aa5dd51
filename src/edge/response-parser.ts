import { LIMITS } from './limits.ts'

/** The head of an upstream's answer; `rawHeaders` alternates names (as sent) and values. */
export type AnswerHead = {
  status: number
  rawHeaders: string[]
  /** The body's length where the answer says it; null when chunked, ended by close, or absent. */
  lengthBytes: number | null
  hasBody: boolean
  /** Whether the connection can carry another request after this answer. */
  reusable: boolean
  /** How long the upstream says it keeps an idle connection, or null. */
  keepAliveMs: number | null
}

export type AnswerHandlers = {
  /** An interim answer (1xx other than 101). */
  onInterim(status: number, rawHeaders: string[]): void
  onHead(head: AnswerHead): void
  onData(chunk: Buffer): void
  onEnd(rawTrailers: string[]): void
  /** 101: everything after `rest` on the socket is no longer HTTP. */
  onSwitch(head: AnswerHead, rest: Buffer): void
}

type State = 'idle' | 'head' | 'length' | 'close' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'switched'

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const unprintable = /[^\t\x20-\x7e\x80-\xff]/
const chunkSize =
  /^([0-9a-fA-F]{1,13})(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]*"))?)*$/
const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')
const empty = Buffer.alloc(0)
const maxSizeLineBytes = 1024

/**
 * Reads the HTTP/1.1 answers of one upstream connection (RFC 9112), one for each `expect`. What `feed`
 * is given may be overwritten after it returned. `feed` and `finish` return null, or a sentence saying what was wrong, after which the connection must be thrown away. Holds at most one head in memory.
 */
export class ResponseParser {
  private state: State = 'idle'
  private pending: Buffer = empty
  private left = 0
  private method = ''
  private handlers: AnswerHandlers
  constructor(handlers: AnswerHandlers) {
    this.handlers = handlers
  }

  /** Makes the parser wait for the answer to a request of this method. */
  expect(method: string): void {
    this.method = method
    this.state = 'head'
  }

  feed(chunk: Buffer): string | null {
    let data = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
    this.pending = empty
    while (data.length > 0) {
      const before = data.length
      const step = this.step(data)
      if (typeof step === 'string') return step
      if (step === null) {
        this.pending = Buffer.from(data)
        return null
      }
      data = step === before ? empty : data.subarray(step)
    }
    return null
  }

  /** The upstream closed its side. */
  finish(): string | null {
    if (this.state === 'close') {
      this.state = 'idle'
      this.handlers.onEnd([])
      return null
    }
    return this.state === 'idle' || this.state === 'switched'
      ? null
      : 'It closed before its answer was whole.'
  }

  /** Bytes taken from the front of `data`, null when more are needed first, or what is wrong. */
  private step(data: Buffer): number | null | string {
    switch (this.state) {
      case 'idle':
        return 'It sent bytes that nobody asked for.'
      case 'head':
        return this.readHead(data)
      case 'length':
      case 'chunk':
        return this.readCounted(data)
      case 'close':
        this.handlers.onData(data)
        return data.length
      case 'size':
        return this.readSize(data)
      case 'chunk-end':
        if (data.length < 2) return null
        if (data[0] !== 13 || data[1] !== 10) return 'A chunk is longer than it said.'
        this.state = 'size'
        return 2
      case 'trailers':
        return this.readTrailers(data)
      case 'switched':
        return data.length
    }
  }

  private readHead(data: Buffer): number | null | string {
    const end = data.indexOf(headEnd)
    if (end === -1) return data.length > LIMITS.answerHeadBytes ? 'Its headers are too long.' : null
    if (end > LIMITS.answerHeadBytes) return 'Its headers are too long.'
    const lines = data.toString('latin1', 0, end).split('\r\n')
    const matched = statusLine.exec(lines[0]!)
    if (!matched) return 'Its status line is malformed.'
    const status = Number(matched[2])
    const rawHeaders = readFields(lines, 1)
    if (rawHeaders === null) return 'A header of its answer is malformed.'
    const taken = end + 4
    if (status < 200 && matched[1] === '0') return 'It sent an interim answer in HTTP/1.0.'
    if (status < 200 && status !== 101) {
      this.handlers.onInterim(status, rawHeaders)
      return taken
    }
    const head = headOf(status, matched[1] === '1', rawHeaders, this.method)
    if (typeof head === 'string') return head
    if (status === 101) {
      this.state = 'switched'
      this.handlers.onSwitch(head.head, data.subarray(taken))
      return data.length
    }
    this.state = head.next
    this.left = head.head.lengthBytes ?? 0
    this.handlers.onHead(head.head)
    if (this.state === 'idle') this.handlers.onEnd([])
    return taken
  }

  private readCounted(data: Buffer): number {
    const taken = Math.min(this.left, data.length)
    this.left -= taken
    const wasChunk = this.state === 'chunk'
    const whole = this.left === 0
    if (whole) this.state = wasChunk ? 'chunk-end' : 'idle'
    this.handlers.onData(taken === data.length ? data : data.subarray(0, taken))
    if (whole && !wasChunk) this.handlers.onEnd([])
    return taken
  }

  private readSize(data: Buffer): number | null | string {
    const end = data.indexOf(lineEnd)
    if (end === -1 || end > maxSizeLineBytes)
      return data.length > maxSizeLineBytes ? 'A chunk size is too long.' : null
    const matched = chunkSize.exec(data.toString('latin1', 0, end))
    if (!matched) return 'A chunk size is malformed.'
    this.left = Number.parseInt(matched[1]!, 16)
    this.state = this.left === 0 ? 'trailers' : 'chunk'
    return end + 2
  }

  private readTrailers(data: Buffer): number | null | string {
    const bare = data.length >= 2 && data[0] === 13 && data[1] === 10
    const end = bare ? 0 : data.indexOf(headEnd)
    if (end === -1 || end > LIMITS.trailerBytes)
      return data.length > LIMITS.trailerBytes ? 'Its trailers are too long.' : null
    const rawTrailers = bare ? [] : readFields(data.toString('latin1', 0, end).split('\r\n'), 0)
    if (rawTrailers === null) return 'A trailer of its answer is malformed.'
    this.state = 'idle'
    this.handlers.onEnd(rawTrailers)
    return bare ? 2 : end + 4
  }
}

function readFields(lines: string[], from: number): string[] | null {
  const fields: string[] = []
  for (let index = from; index < lines.length; index++) {
    const line = lines[index]!
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon < 1 || !token.test(name)) return null
    if (unprintable.test(line)) return null
    fields.push(name, unpadded(line, colon + 1))
  }
  return fields
}

/** Without the blanks around it; `trim` would take more than HTTP's two (RFC 9110, 5.5). */
function unpadded(line: string, from: number): string {
  let first = from
  let end = line.length
  while (first < end && isBlank(line.charCodeAt(first))) first++
  while (end > first && isBlank(line.charCodeAt(end - 1))) end--
  return line.slice(first, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function headOf(
  status: number,
  persistent: boolean,
  rawHeaders: string[],
  method: string,
): { head: AnswerHead; next: State } | string {
  let length: string | null = null
  let coding: string | null = null
  let connection = ''
  let keepAliveMs: number | null = null
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1]!
    switch (rawHeaders[index]!.toLowerCase()) {
      case 'content-length':
        if (length !== null || !/^[0-9]{1,15}$/.test(value)) return 'Its length is malformed.'
        length = value
        break
      case 'transfer-encoding':
        if (coding !== null) return 'Its body is framed in two ways.'
        coding = value.toLowerCase()
        break
      case 'connection':
        connection += `,${value.toLowerCase()}`
        break
      case 'keep-alive': {
        const seconds = /timeout=([0-9]{1,6})/.exec(value)
        if (seconds) keepAliveMs = Number(seconds[1]) * 1000
      }
    }
  }
  // HTTP/1.0 knows no codings: who speaks it and says one may mean either (RFC 9112, 6.1).
  if (coding !== null && (length !== null || coding !== 'chunked' || !persistent))
    return 'Its body is framed in two ways.'
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304 && status !== 101
  const lengthBytes = hasBody && length !== null ? Number(length) : null
  const framed = !hasBody || coding !== null || length !== null
  const stays = persistent ? !connection.includes('close') : connection.includes('keep-alive')
  const head: AnswerHead = {
    status,
    rawHeaders,
    lengthBytes,
    hasBody,
    reusable: framed && stays,
    keepAliveMs,
  }
  if (!hasBody || lengthBytes === 0) return { head, next: 'idle' }
  if (coding !== null) return { head, next: 'size' }
  return { head, next: lengthBytes === null ? 'close' : 'length' }
}
