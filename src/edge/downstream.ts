import type { Duplex, Readable } from 'node:stream'

/**
 * The client's side of one request, over HTTP/1 or HTTP/2. Calls after the client has gone do nothing. Header lists alternate
 * names and values.
 */
export type Downstream = {
  /** The request's body; null when there is none. Nothing is read from the client before this is. */
  readonly body: Readable | null
  /** Whether `switchTo` can be called. */
  readonly canSwitch: boolean
  /** The request's trailers, once its body has ended. */
  trailers(): string[]
  /** Asks a client that waits for it to send its body. */
  sendContinue(): void
  /** Passes an interim answer on, where the client's protocol can take it. */
  sendInterim(status: number, fields: string[]): void
  /** Starts the answer; `more.closes` asks for the connection to end with it. */
  start(
    status: number,
    fields: string[],
    more: { hasBody: boolean; trailers: boolean; closes: boolean },
  ): void
  /** False means wait for `onDrain`. */
  write(chunk: Buffer): boolean
  end(last: Buffer | null, trailers: string[]): void
  /** Breaks the answer off in a way that the client can tell from its end. */
  abort(): void
  /** Turns the request into a tunnel to `upstream`, `rest` first; closes both when either does, then calls `onGone`. */
  switchTo(fields: string[], upstream: Duplex, rest: Buffer): void
  onDrain: () => void
  /** Called once, when the client is gone or has its whole answer. */
  onGone: () => void
}

/** Joins two streams until either ends or breaks. */
export function tunnel(a: Duplex, b: Duplex, done: () => void): void {
  let over = false
  const finish = () => {
    if (over) return
    over = true
    a.destroy()
    b.destroy()
    done()
  }
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', finish)
    from.on('close', finish)
    from.pipe(to)
  }
}
