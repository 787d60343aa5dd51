import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const REFUSAL = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

type Awaited = { timer?: NodeJS.Timeout; answer: ServerResponse }
const awaited = new WeakMap<IncomingMessage, Awaited>()

/**
 * Ends connections whose request has not come whole within `withinMs` of its headers, with a 408 where no answer has begun.
 * Node's own `requestTimeout` has one limit for all routes; this one can be extended by `allowLongBody`, until the answer is given.
 */
export function limitBodies(app: FastifyInstance, withinMs: number): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (isWhole(raw)) return
    awaited.set(raw, { answer: reply.raw })
    endAfter(raw, withinMs)
    raw.once('close', () => clearTimeout(awaited.get(raw)?.timer))
  })
  app.addHook('onResponse', async ({ raw }) => endAfter(raw, withinMs))
}

/** Gives the body of this request so long from now on; for when its sender is known and may send it. */
export function allowLongBody({ raw }: FastifyRequest, withinMs: number): void {
  endAfter(raw, withinMs)
}

function endAfter(raw: IncomingMessage, withinMs: number): void {
  const one = awaited.get(raw)
  if (!one) return
  clearTimeout(one.timer)
  if (isWhole(raw)) return
  one.timer = setTimeout(() => {
    if (isWhole(raw)) return
    // an injected request stands on no connection that could be ended
    if (!('destroySoon' in raw.socket)) return
    if (!one.answer.headersSent) raw.socket.write(REFUSAL)
    raw.socket.destroySoon()
  }, withinMs)
  one.timer.unref()
}

const isWhole = (raw: IncomingMessage) => raw.complete || raw.readableEnded
