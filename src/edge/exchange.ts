import type { Socket } from 'node:net'
import type { ActivityBook, Use } from './activity.ts'
import { answerFields, trailerFields } from './answer-headers.ts'
import type { Downstream } from './downstream.ts'
import type { Route } from './host.ts'
import type { Limits } from './limits.ts'
import type { Names, Target } from './names.ts'
import { noticeOf, sendNotice } from './notices.ts'
import type { Notice } from './pages.ts'
import { probedAnswer } from './probe-answer.ts'
import type { RequestHead } from './request-head.ts'
import type { AnswerHead } from './response-parser.ts'
import type { AnswerSink, NoConnection, UpstreamConnection, Upstreams } from './upstream.ts'

/** What all exchanges of one process work with. `monotonic` gives milliseconds. */
export type ExchangeContext = {
  upstreams: Upstreams
  names: Names
  activity: ActivityBook
  serverSocket: string
  active: Set<Exchange>
  limits: Limits
  monotonic: () => number
  onCookieRefused(host: string, cookie: string): void
  onUpstreamFault(host: string, because: string): void
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const repeatableMethods = new Set([...safeMethods, 'PUT', 'DELETE'])
const maxTries = 4
const continueAfterMs = 1_000

/** One request on its way: finds who answers it, waits while that wakes, and streams both ways until it is over. */
export class Exchange implements AnswerSink {
  private connection: UpstreamConnection | null = null
  private use: Use | null = null
  private started = false
  private over = false
  private tries = 0
  private socketPath = ''
  private holdUntilMs = 0
  private deadlineMs = Number.POSITIVE_INFINITY
  private onDeadline: Notice = { status: 504, about: 'slow' }
  private continueTimer: NodeJS.Timeout | null = null
  private pumping = false
  private requestWhole = false
  private answer: AnswerHead | null = null
  private readonly context: ExchangeContext
  private readonly down: Downstream
  private readonly asked: RequestHead
  private readonly route: Route
  private readonly host: string
  private readonly switches: boolean
  private readonly clientAddress: string

  constructor(
    context: ExchangeContext,
    down: Downstream,
    request: { head: RequestHead; route: Route; host: string; clientAddress: string; done: () => void },
  ) {
    this.context = context
    this.down = down
    this.asked = request.head
    this.route = request.route
    this.host = request.host
    this.clientAddress = request.clientAddress
    this.switches = this.asked.upgrade === 'websocket' && down.canSwitch && this.asked.framing.kind === 'none'
    down.onGone = () => {
      this.finish()
      request.done()
    }
    down.onDrain = () => {
      this.deadlineMs = Number.POSITIVE_INFINITY
      this.connection?.resume()
    }
  }

  begin(): void {
    this.context.active.add(this)
    const probed = probedAnswer(this.asked)
    if (probed) {
      this.head(probed)
      this.down.end(null, [])
      return
    }
    if (this.route.kind === 'plane') {
      this.forward(this.context.serverSocket)
      return
    }
    const target = this.context.names.peek(this.route.name)
    if (target === null) void this.hold()
    else this.toTarget(target)
  }

  /** Called about every second; ends what waits for too long. */
  tick(nowMs: number): void {
    if (nowMs < this.deadlineMs) return
    if (this.started) this.down.abort()
    else this.say(this.onDeadline)
    this.finish()
  }

  /** Breaks it off, whatever it is doing. */
  abort(): void {
    this.down.abort()
    this.finish()
  }

  private async hold(): Promise<void> {
    const { names, monotonic, limits } = this.context
    this.holdUntilMs ||=
      monotonic() + (this.asked.navigates ? limits.heldForBrowsersMs : limits.heldForOthersMs)
    for (;;) {
      const leftMs = this.holdUntilMs - monotonic()
      const target = await names.wake(this.route.name, Math.max(0, leftMs))
      if (this.over) return
      const waits = target.state === 'waking' || target.state === 'unreachable'
      if (!waits || this.holdUntilMs - monotonic() < 100) {
        this.toTarget(target)
        return
      }
      await pause(100)
      if (this.over) return
    }
  }

  private toTarget(target: Target): void {
    if (target.state === 'awake') {
      this.use ??= this.context.activity.begin(target.instance, target.activity, this.asked)
      this.forward(target.socket)
    } else this.say(noticeOf(target, this.asked.navigates))
  }

  private forward(socketPath: string): void {
    this.tries++
    this.socketPath = socketPath
    const pool = this.context.upstreams.of(socketPath, this.route.kind)
    const repeatable = this.asked.framing.kind === 'none' && repeatableMethods.has(this.asked.method)
    const idle = this.tries > 1 || this.switches ? null : pool.takeIdle(repeatable)
    if (idle) this.send(idle)
    else
      pool.connect(this.switches, (connection, none) => {
        if (this.over) connection?.abandon()
        else if (connection) this.send(connection)
        else this.notConnected(none!)
      })
  }

  private notConnected(none: NoConnection): void {
    if (none.kind === 'absent' && this.tries < maxTries) {
      this.tryAgain()
      return
    }
    this.context.onUpstreamFault(this.host, none.because)
    this.say(
      none.kind === 'full'
        ? { status: 503, about: 'busy', retryAfterSeconds: 1 }
        : { status: 503, about: 'unavailable', retryAfterSeconds: 2 },
    )
  }

  /** Nothing of the request was answered and nothing of its body was read. */
  private tryAgain(): void {
    if (this.route.kind === 'plane') {
      setTimeout(() => !this.over && this.forward(this.context.serverSocket), 100 * this.tries)
      return
    }
    this.context.names.refuse(this.route.name)
    setTimeout(() => !this.over && void this.hold(), 50 * (this.tries - 1))
  }

  private send(connection: UpstreamConnection): void {
    this.connection = connection
    const { asked } = this
    connection.begin(asked.method, this.requestText(), this)
    if (this.down.body === null) this.requestSent()
    else if (!asked.expectsContinue) this.pump()
    else {
      this.deadlineMs = this.context.monotonic() + this.context.limits.answerTimeoutMs
      // Servers may leave the 100 out; a client may not wait for it for ever (RFC 9110, 10.1.1).
      this.continueTimer = setTimeout(() => this.letBodyCome(), continueAfterMs)
    }
  }

  private requestText(): string {
    const { asked, host } = this
    const framing =
      asked.framing.kind === 'none'
        ? ''
        : asked.framing.kind === 'chunked'
          ? 'transfer-encoding: chunked\r\n'
          : `content-length: ${asked.framing.bytes}\r\n`
    const forThisConnection = this.switches
      ? 'connection: Upgrade\r\nupgrade: websocket\r\n'
      : asked.expectsContinue
        ? 'expect: 100-continue\r\n'
        : ''
    const forwarded = `x-forwarded-for: ${this.clientAddress}\r\nx-forwarded-proto: https\r\nx-forwarded-host: ${host}\r\n`
    return `${asked.method} ${asked.path} HTTP/1.1\r\nhost: ${host}\r\n${asked.fields}${framing}${forwarded}${forThisConnection}\r\n`
  }

  private letBodyCome(): void {
    if (this.continueTimer === null || this.over || this.started) return
    clearTimeout(this.continueTimer)
    this.continueTimer = null
    this.down.sendContinue()
    this.pump()
  }

  private pump(): void {
    const body = this.down.body!
    const chunked = this.asked.framing.kind === 'chunked'
    this.pumping = true
    this.deadlineMs = this.context.monotonic() + this.context.limits.stalledTimeoutMs
    this.onDeadline = { status: 408, about: 'slow' }
    body.on('data', (chunk: Buffer) => {
      const { connection } = this
      if (!connection || !this.pumping) return
      let free: boolean
      if (chunked) {
        connection.write(`${chunk.length.toString(16)}\r\n`)
        connection.write(chunk)
        free = connection.write('\r\n')
      } else free = connection.write(chunk)
      if (!this.started) this.deadlineMs = this.context.monotonic() + this.context.limits.stalledTimeoutMs
      if (!free) body.pause()
    })
    body.on('end', () => {
      if (!this.connection || !this.pumping) return
      this.pumping = false
      if (chunked) this.connection.write(`0\r\n${lines(trailerFields(this.down.trailers()))}\r\n`)
      this.requestSent()
    })
  }

  private requestSent(): void {
    this.requestWhole = true
    this.connection?.finishRequest()
    if (this.started) return
    this.deadlineMs = this.context.monotonic() + this.context.limits.answerTimeoutMs
    this.onDeadline = { status: 504, about: 'slow' }
  }

  drained(): void {
    if (this.pumping) this.down.body?.resume()
  }

  interim(status: number, rawHeaders: string[]): void {
    if (status === 100) this.letBodyCome()
    else if (status === 103) {
      const answer = {
        status,
        rawHeaders,
        lengthBytes: null,
        hasBody: false,
        reusable: true,
        keepAliveMs: null,
      }
      this.down.sendInterim(status, answerFields(answer, this.route.name).fields)
    }
  }

  head(head: AnswerHead): void {
    this.answer = head
    this.started = true
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.use?.answered(head.status)
    try {
      this.down.start(head.status, this.fieldsOf(head), {
        hasBody: head.hasBody && head.lengthBytes !== 0,
        trailers: head.hasBody && head.lengthBytes === null,
        closes: this.continueTimer !== null,
      })
    } catch (error) {
      // What Node will not put on the wire, whatever the parser let through.
      this.started = false
      this.faulty(error instanceof Error ? error.message : 'Its headers cannot be passed on.')
      return
    }
    this.stopWaitingForContinue()
  }

  data(chunk: Buffer): void {
    if (this.over) return
    if (this.answer?.lengthBytes === chunk.length) {
      this.answered()
      this.down.end(chunk, [])
    } else if (!this.down.write(chunk)) {
      this.connection?.pause()
      this.deadlineMs = this.context.monotonic() + this.context.limits.stalledTimeoutMs
    }
  }

  ended(rawTrailers: string[]): void {
    if (this.over || this.connection === null) return
    this.answered()
    this.down.end(null, rawTrailers.length === 0 ? [] : trailerFields(rawTrailers))
  }

  switched(head: AnswerHead, socket: Socket, rest: Buffer): void {
    this.connection = null
    if (this.over || !this.switches) {
      socket.destroy()
      this.faulty('It switched protocols unasked.')
      return
    }
    this.started = true
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.use?.answered(head.status)
    this.down.switchTo(this.fieldsOf(head), socket, rest)
  }

  failed(because: string, answered: boolean): void {
    const reused = (this.connection?.used ?? 0) > 1
    this.connection = null
    if (this.over) return
    const untouched = !answered && this.asked.framing.kind === 'none' && this.tries < maxTries
    if (this.started) this.abort()
    else if (untouched && reused && repeatableMethods.has(this.asked.method)) this.forward(this.socketPath)
    else if (untouched && safeMethods.has(this.asked.method)) this.tryAgain()
    else this.faulty(because)
  }

  private faulty(because: string): void {
    this.context.onUpstreamFault(this.host, because)
    this.say({ status: 502, about: 'broken' })
  }

  /** The upstream has answered wholly; only the client's side is left. */
  private answered(): void {
    this.connection = null
    this.deadlineMs = this.context.monotonic() + this.context.limits.stalledTimeoutMs
    if (!this.pumping) return
    this.pumping = false
    this.down.body?.resume()
  }

  private fieldsOf(head: AnswerHead): string[] {
    const { fields, refusedCookies } = answerFields(head, this.route.name)
    for (const cookie of refusedCookies) this.context.onCookieRefused(this.route.name, cookie)
    return fields
  }

  /** Answers for the edge itself. */
  private say(notice: Notice): void {
    if (this.over || this.started) return
    this.started = true
    this.connection?.abandon()
    this.connection = null
    this.stopWaitingForContinue()
    this.deadlineMs = this.context.monotonic() + this.context.limits.stalledTimeoutMs
    this.use?.close()
    sendNotice(this.down, notice, this.asked, this.host, this.down.body !== null && !this.requestWhole)
  }

  private stopWaitingForContinue(): void {
    if (this.continueTimer) clearTimeout(this.continueTimer)
    this.continueTimer = null
  }

  private finish(): void {
    if (this.over) return
    this.over = true
    this.stopWaitingForContinue()
    this.context.active.delete(this)
    this.use?.close()
    this.connection?.abandon()
    this.connection = null
  }
}

function lines(fields: string[]): string {
  let text = ''
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`
  return text
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
