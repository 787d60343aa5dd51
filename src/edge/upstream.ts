import { createConnection, type Socket } from 'node:net'
import { identityAt, openPlantedSocket, type PlantedSocket } from '../kernel/planted-socket.ts'
import { LIMITS } from './limits.ts'
import { type AnswerHead, ResponseParser } from './response-parser.ts'

/** Told what happens to one request on an upstream connection; after `failed` or `ended` nothing more comes. */
export type AnswerSink = {
  interim(status: number, rawHeaders: string[]): void
  head(head: AnswerHead): void
  data(chunk: Buffer): void
  ended(rawTrailers: string[]): void
  switched(head: AnswerHead, socket: Socket, rest: Buffer): void
  /** `answered` tells whether any byte of an answer had come. */
  failed(because: string, answered: boolean): void
  /** The socket takes more of the request's body. */
  drained(): void
}

/** Why no connection was had: `absent` when nobody listens at the socket, `full` at the cap, `failed` otherwise. */
export type NoConnection = { kind: 'absent' | 'full' | 'failed'; because: string }

/** Whose socket it is: the server's is ours, an instance's may be anything that the instance put there. */
export type UpstreamOwner = 'plane' | 'instance'

type ConnectTarget = Pick<PlantedSocket, 'path' | 'identity' | 'close'>

const defaultKeepMs = 4_000
/** Given up before the upstream would, so that a request does not meet a closing connection. */
const keepMarginMs = 1_000
/** A request that must not be sent twice only takes a connection that was in use a moment ago. */
const freshMs = 500

/**
 * All connections read into this one buffer, and what goes on is copied out of it: a buffer for each read would be 64 KiB
 * however little came, which costs more than half of the throughput in collecting them.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** One HTTP/1.1 connection to an upstream: carries one request at a time, and knows whether it can carry another. */
export class UpstreamConnection {
  idleSinceMs = 0
  keepMs = defaultKeepMs
  used = 0
  private sink: AnswerSink | null = null
  private readonly parser: ResponseParser
  private answered = false
  private ended = false
  private reusable = false
  private requestWhole = false
  private paused = false
  readonly socket: Socket
  private readonly ownsChunks: boolean
  private readonly pool: UpstreamPool

  readonly identity: string

  constructor(pool: UpstreamPool, ownsChunks: boolean, target: ConnectTarget) {
    this.pool = pool
    this.ownsChunks = ownsChunks
    this.identity = target.identity
    const { path } = target
    if (ownsChunks) this.socket = createConnection({ path, allowHalfOpen: true }).on('data', this.onData)
    else {
      const onread = { buffer: readBuffer, callback: (bytes: number) => this.onRead(bytes) }
      this.socket = createConnection({ path, allowHalfOpen: true, onread })
    }
    const { socket } = this
    this.parser = new ResponseParser({
      onInterim: (status, rawHeaders) => this.sink?.interim(status, rawHeaders),
      onHead: (head) => {
        this.reusable = head.reusable
        if (head.keepAliveMs !== null) this.keepMs = Math.max(0, head.keepAliveMs - keepMarginMs)
        this.sink?.head(head)
      },
      onData: (chunk) => this.sink?.data(this.ownsChunks ? chunk : Buffer.from(chunk)),
      onEnd: (rawTrailers) => {
        this.ended = true
        this.sink?.ended(rawTrailers)
      },
      onSwitch: (head, rest) => this.switchOver(head, rest),
    })
    socket.on('end', this.onEnd)
    socket.on('close', this.onClose)
    socket.on('drain', this.onDrain)
    socket.on('error', this.onError)
  }

  /** Sends a request's head; its body follows by `write` and `finishRequest`. */
  begin(method: string, head: string, sink: AnswerSink): void {
    this.sink = sink
    this.used++
    this.answered = false
    this.ended = false
    this.reusable = false
    this.requestWhole = false
    this.parser.expect(method)
    this.socket.write(head, 'latin1')
  }

  /** Sends part of the body as it stands on the wire; false means wait for `drained`. */
  write(part: Buffer | string): boolean {
    return this.socket.write(part, 'latin1')
  }

  /** The request is wholly sent. */
  finishRequest(): void {
    this.requestWhole = true
  }

  pause(): void {
    this.paused = true
    this.socket.pause()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.socket.resume()
  }

  /** Ends it at once, telling nobody. */
  abandon(): void {
    this.sink = null
    this.socket.destroy()
  }

  private readonly onData = (chunk: Buffer) => {
    this.answered = true
    const wrong = this.parser.feed(chunk)
    if (wrong !== null) this.fail(wrong)
    else if (this.ended) this.release()
  }

  private onRead(bytes: number): boolean {
    this.onData(readBuffer.subarray(0, bytes))
    return !this.paused
  }

  private readonly onEnd = () => {
    const wrong = this.parser.finish()
    if (wrong !== null) this.fail(wrong)
    this.sink = null
    this.socket.destroy()
  }

  private readonly onClose = () => {
    this.pool.forget(this)
    this.fail('It closed the connection.')
  }

  private readonly onDrain = () => this.sink?.drained()

  // What matters of it comes as `close`.
  private readonly onError = () => {}

  private fail(because: string): void {
    const sink = this.sink
    this.sink = null
    this.socket.destroy()
    if (!this.ended) sink?.failed(because, this.answered)
  }

  /** Only after the whole chunk was parsed: bytes behind an answer would otherwise be taken for the next one. */
  private release(): void {
    this.sink = null
    this.resume()
    if (this.reusable && this.requestWhole) this.pool.keep(this)
    else this.socket.destroy()
  }

  private switchOver(head: AnswerHead, rest: Buffer): void {
    const sink = this.sink
    this.sink = null
    this.socket.off('data', this.onData)
    this.socket.off('end', this.onEnd)
    this.socket.off('drain', this.onDrain)
    this.socket.pause()
    sink?.switched(head, this.socket, rest)
  }
}

/**
 * The connections of this process to one Unix socket. Those to a socket that has given way to another at the same name are
 * used to their end, but for no further request.
 */
export class UpstreamPool {
  private readonly idle: UpstreamConnection[] = []
  private readonly open = new Set<UpstreamConnection>()
  private connecting = 0
  /** Of the socket that idle connections lead to. */
  private identity = ''
  private readonly socketPath: string
  private readonly owner: UpstreamOwner
  private readonly clock: () => number

  /** `clock` gives monotonic milliseconds. */
  constructor(socketPath: string, owner: UpstreamOwner, clock: () => number) {
    this.socketPath = socketPath
    this.owner = owner
    this.clock = clock
  }

  get size(): number {
    return this.open.size + this.connecting
  }

  /** An idle connection, or null; `repeatable` says that the request may be sent again if this one turns out dead. */
  takeIdle(repeatable: boolean): UpstreamConnection | null {
    const nowMs = this.clock()
    for (;;) {
      const connection = this.idle.pop()
      if (!connection) return null
      const idleMs = nowMs - connection.idleSinceMs
      if (idleMs < Math.min(connection.keepMs, repeatable ? Infinity : freshMs) && connection.socket.writable)
        return connection
      connection.abandon()
    }
  }

  /** Opens a connection, which can be switched to another protocol when `switchable`; calls back once. */
  connect(
    switchable: boolean,
    done: (connection: UpstreamConnection | null, none: NoConnection | null) => void,
  ): void {
    if (this.size >= LIMITS.upstreamConnections) {
      done(null, { kind: 'full', because: 'All its connections are in use.' })
      return
    }
    const target = this.target()
    if (target.kind !== 'socket') {
      this.drop()
      done(null, { kind: target.kind === 'absent' ? 'absent' : 'failed', because: target.because })
      return
    }
    if (target.identity !== this.identity) {
      this.drop()
      this.identity = target.identity
    }
    this.connecting++
    const connection = new UpstreamConnection(this, switchable, target)
    const { socket } = connection
    const failed = (error: NodeJS.ErrnoException) => {
      this.connecting--
      target.close()
      socket.destroy()
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
      done(null, { kind: absent ? 'absent' : 'failed', because: error.code ?? error.message })
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      this.connecting--
      target.close()
      socket.off('error', failed)
      this.open.add(connection)
      done(connection, null)
    })
  }

  private target(): ReturnType<typeof openPlantedSocket> {
    if (this.owner === 'instance') return openPlantedSocket(this.socketPath)
    return { kind: 'socket', path: this.socketPath, identity: 'plane', close() {} }
  }

  keep(connection: UpstreamConnection): void {
    if (connection.identity !== this.identity) {
      connection.abandon()
      return
    }
    connection.idleSinceMs = this.clock()
    this.idle.push(connection)
  }

  forget(connection: UpstreamConnection): void {
    this.open.delete(connection)
    const at = this.idle.indexOf(connection)
    if (at !== -1) this.idle.splice(at, 1)
  }

  /** Nothing that was connected until now takes another request. */
  drop(): void {
    this.identity = ''
    for (const connection of this.idle.splice(0)) connection.abandon()
  }

  /** Closes what was idle for too long, and what leads to a socket that stands there no longer. */
  sweep(): void {
    if (this.owner === 'instance' && this.size > 0 && identityAt(this.socketPath) !== this.identity)
      this.drop()
    const nowMs = this.clock()
    for (const connection of this.idle.filter((each) => nowMs - each.idleSinceMs >= each.keepMs))
      connection.abandon()
  }

  close(): void {
    for (const connection of this.open) connection.abandon()
  }
}

/** The pools by owner and socket path; forgets those without connections. */
export class Upstreams {
  private readonly pools: Record<UpstreamOwner, Map<string, UpstreamPool>> = {
    plane: new Map(),
    instance: new Map(),
  }
  private readonly sweeper: NodeJS.Timeout
  private readonly clock: () => number

  constructor(clock: () => number = () => performance.now()) {
    this.clock = clock
    this.sweeper = setInterval(() => this.sweep(), 1_000).unref()
  }

  of(socketPath: string, owner: UpstreamOwner): UpstreamPool {
    const pools = this.pools[owner]
    let pool = pools.get(socketPath)
    if (!pool) {
      pool = new UpstreamPool(socketPath, owner, this.clock)
      pools.set(socketPath, pool)
    }
    return pool
  }

  /** The instance at this socket stopped or was replaced: nothing that leads to it takes another request. */
  dropInstance(socketPath: string): void {
    this.pools.instance.get(socketPath)?.drop()
  }

  close(): void {
    clearInterval(this.sweeper)
    for (const pools of Object.values(this.pools)) for (const pool of pools.values()) pool.close()
  }

  private sweep(): void {
    for (const pools of Object.values(this.pools))
      for (const [path, pool] of pools) {
        pool.sweep()
        if (pool.size === 0) pools.delete(path)
      }
  }
}
