import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Actor, actorRef } from '../access/actor.ts'
import { authorise } from '../access/authorise.ts'
import type { RouteContext } from '../changes/context.ts'
import type { Announcement, Changing } from '../kernel/announce.ts'
import { AppError } from '../kernel/errors.ts'
import type { ChangeFeed } from './change-feed.ts'

const HEARTBEAT_MS = 15_000
/** What happens within this time of the first news is told together. */
const GATHER_MS = 200
/** A tab each; browsers open no more than this on HTTP/1.1 anyway. */
const STREAMS_OF_ONE = 8
/** Well below what the edge opens to the server, so that those who look on never keep others out. */
const STREAMS_OF_ALL = 256
/** More things of one kind than this are told as "all of them". */
const NAMED_AT_MOST = 32
const WORLD = { type: 'World', id: 'world' }

/** `GET /v1/events`: server-sent events that say what has changed, never what it is now. */
export function eventRoutes(
  context: RouteContext,
  { feed, heartbeatMs = HEARTBEAT_MS }: { feed: ChangeFeed; heartbeatMs?: number },
): void {
  const open = new Map<EventStream, string>()
  context.app.addHook('preClose', async () => {
    for (const stream of open.keys()) stream.end()
  })

  context.app.get(
    '/v1/events',
    {
      config: { kind: 'read', action: 'events.read' },
      schema: {
        summary: 'Follow what changes',
        operationId: 'FollowWhatChanges',
        tags: ['events'],
        security: [{ token: [] }],
        description:
          'Server-sent events `changed` with `{"what":"promises"|"instances"|"accounts"|"log"|"approvals"|"demo"|"status"|"people","id"?}`; a comment every 15 s.',
        produces: ['text/event-stream'],
        response: { 200: z.string().describe('text/event-stream') },
      },
    },
    async (request, reply) => {
      const actor = await context.authenticate(request)
      authorise(actor, 'events.read', WORLD)
      const who = actorRef(actor)
      const ofThisOne = [...open.values()].filter((one) => one === who).length
      if (ofThisOne >= STREAMS_OF_ONE || open.size >= STREAMS_OF_ALL)
        throw new AppError('too_many', 'There are too many of these streams open.', {
          remedy: `Close some: ${STREAMS_OF_ONE} for one person or token, ${STREAMS_OF_ALL} in all.`,
        })
      reply.hijack()
      const stream = openStream(reply.raw, {
        heartbeatMs,
        subscribe: feed.subscribe,
        stillMay: () => stillMay(context, request, actor),
        onEnd: () => open.delete(stream),
      })
      open.set(stream, who)
    },
  )
}

/** Whether who opened it is still signed in, or its token still good, and may still look. */
async function stillMay(context: RouteContext, request: FastifyRequest, was: Actor): Promise<boolean> {
  try {
    const now = await context.authenticate(request)
    authorise(now, 'events.read', WORLD)
    return actorRef(now) === actorRef(was)
  } catch {
    return false
  }
}

type EventStream = { end(): void }

function openStream(
  response: ServerResponse,
  given: {
    heartbeatMs: number
    subscribe: ChangeFeed['subscribe']
    stillMay(): Promise<boolean>
    onEnd(): void
  },
): EventStream {
  const waiting = new Map<Changing, Set<string> | 'all'>()
  let gathering: NodeJS.Timeout | undefined
  let isFull = false
  let over = false

  const write = (text: string) => {
    if (!over && !response.write(text)) isFull = true
  }
  const flush = () => {
    gathering = undefined
    // what comes meanwhile is gathered further: a slow reader gets fewer, not more
    if (isFull || over) return
    let text = ''
    for (const [what, ids] of waiting)
      for (const data of ids === 'all' ? [{ what }] : [...ids].map((id) => ({ what, id })))
        text += `event: changed\ndata: ${JSON.stringify(data)}\n\n`
    waiting.clear()
    if (text) write(text)
  }
  const hear = ({ what, id }: Announcement) => {
    if (what === 'sessions' || what === 'people') void check()
    if (what === 'sessions') return
    const known = waiting.get(what)
    if (id === undefined || known === 'all') waiting.set(what, 'all')
    else {
      const ids = known ?? new Set<string>()
      ids.add(id)
      waiting.set(what, ids.size > NAMED_AT_MOST ? 'all' : ids)
    }
    gathering ??= setTimeout(flush, GATHER_MS)
  }
  const check = async () => {
    if (!over && !(await given.stillMay())) end()
  }
  const heart = setInterval(() => {
    // whoever took nothing for a whole beat is gone or stuck
    if (isFull) response.destroy()
    write(': still here\n\n')
    void check()
  }, given.heartbeatMs)
  const unsubscribe = given.subscribe(hear)

  function end(): void {
    if (over) return
    over = true
    clearInterval(heart)
    clearTimeout(gathering)
    unsubscribe()
    given.onEnd()
    response.end()
  }
  response.on('close', end)
  response.on('error', end)
  response.on('drain', () => {
    isFull = false
    if (waiting.size > 0) gathering ??= setTimeout(flush, GATHER_MS)
  })
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  // Tells the browser how soon to come back after a break.
  write('retry: 2000\n\n')
  return { end }
}
