import type { Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'

type Session = { open: number; idleSinceMs: number }

/** What all streams of a connection together may have on its way to us. */
const connectionWindowBytes = 1024 * 1024

/** The HTTP/2 connections of this process; ends those that carry nothing for too long. */
export class H2Sessions {
  private readonly sessions = new Map<Http2Session, Session>()
  private readonly clock: () => number
  private readonly idleTimeoutMs: number

  constructor(clock: () => number, idleTimeoutMs: number) {
    this.clock = clock
    this.idleTimeoutMs = idleTimeoutMs
  }

  add(session: ServerHttp2Session): void {
    this.sessions.set(session, { open: 0, idleSinceMs: this.clock() })
    session.setLocalWindowSize(connectionWindowBytes)
    session.on('error', () => {})
    session.on('close', () => this.sessions.delete(session))
  }

  /** Counts a stream in; the function it gives counts it out again. */
  enter(stream: ServerHttp2Stream): () => void {
    const session = stream.session && this.sessions.get(stream.session)
    if (!session) return () => {}
    session.open++
    return () => {
      session.open--
      session.idleSinceMs = this.clock()
    }
  }

  tick(): void {
    const nowMs = this.clock()
    for (const [session, { open, idleSinceMs }] of this.sessions) {
      const idleMs = nowMs - idleSinceMs
      if (open > 0 || idleMs < this.idleTimeoutMs) continue
      // A client that does not go when told to is cut off.
      if (idleMs < this.idleTimeoutMs + Math.min(5_000, this.idleTimeoutMs)) session.close()
      else session.destroy()
    }
  }

  close(): void {
    for (const session of this.sessions.keys()) session.close()
  }
}
