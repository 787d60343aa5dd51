import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { after, describe, test } from 'node:test'
import { addPerson, startPlane } from '../../test/support/plane.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { SESSION_COOKIE } from '../access/authenticate.ts'
import { hashOfToken } from '../access/secret-token.ts'
import { openSession } from '../access/sign-in.ts'
import { disablePerson, endSession, revokeToken, sessionByHash, tokenByHash } from '../access/store.ts'
import { type Announcement, announce } from '../kernel/announce.ts'
import { createHttpServer } from '../kernel/http.ts'
import { eventRoutes } from './events.ts'

const plane = await startPlane()
await plane.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = plane.app.server.address() as { port: number }
const open = new Set<ClientRequest>()
after(async () => {
  for (const one of open) one.destroy()
  await plane.stop()
})

type Stream = {
  status: number
  text(): string
  said(pattern: RegExp): Promise<void>
  ended: Promise<void>
}

async function follow(headers: Record<string, string>, at = port): Promise<Stream> {
  const asked = request({ port: at, host: '127.0.0.1', path: '/v1/events', headers }).end()
  open.add(asked)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  let hear = () => {}
  answer.setEncoding('utf8').on('data', (more: string) => {
    text += more
    hear()
  })
  answer.on('error', () => {}) // the test broke it off itself
  const ended = new Promise<void>((resolve) => answer.on('close', resolve))
  return {
    status: answer.statusCode!,
    text: () => text,
    ended,
    async said(pattern) {
      while (!pattern.test(text))
        await new Promise<void>((resolve) => {
          hear = resolve
        })
    },
  }
}
const cookieOf = async (person: string) => {
  const token = await openSession(plane.server.db, {
    person,
    method: 'link',
    behind: [],
    now: plane.clock.now(),
  })
  return { token, headers: { cookie: `${SESSION_COOKIE}=${token}` } }
}

describe('the stream of what changes', () => {
  test('tells of a new customer, of its instance and of the log, each once', async () => {
    const headers = await plane.tokenOf('owner')
    await plane.addRelease()
    const stream = await follow(headers)
    assert.equal(stream.status, 200)
    const made = await plane.app.inject({
      method: 'POST',
      url: '/v1/accounts',
      headers,
      payload: { company: 'Acme', email: 'ann@acme.test', country: 'SE', region: 'eu-frankfurt' },
    })
    const { account, instance } = made.json() as { account: { id: string }; instance: { id: string } }
    await stream.said(new RegExp(`{"what":"instances","id":"${instance.id}"}`))
    await stream.said(new RegExp(`{"what":"accounts","id":"${account.id}"}`))
    await stream.said(/{"what":"log"}/)
    assert.equal(stream.text().split(instance.id).length, 2)
  })

  test('names some and then says all, whatever the number', async () => {
    const stream = await follow(await plane.tokenOf('auditor'))
    await plane.server.db.transaction().execute(async (tx) => {
      for (let at = 0; at < 200; at++) await announce(tx, { what: 'promises', id: `one.${at}` })
    })
    await stream.said(/{"what":"promises"}/)
    assert.doesNotMatch(stream.text(), /one\./)
  })

  test('is refused to nobody known, and to a token without the scope', async () => {
    assert.equal((await follow({})).status, 401)
    assert.equal((await follow(await plane.tokenOf('owner', ['instance.*']))).status, 403)
  })

  test('ends when its session ends, and nobody else’s does', async () => {
    const [ann, bea] = [
      await addPerson(plane, 'operator', 'a@x.test'),
      await addPerson(plane, 'operator', 'b@x.test'),
    ]
    const [of, other] = [await cookieOf(ann), await cookieOf(bea)]
    const [stream, stays] = [await follow(of.headers), await follow(other.headers)]
    const session = await sessionByHash(plane.server.db, hashOfToken(of.token), plane.clock.now())
    await endSession(plane.server.db, session!.id, plane.clock.now())
    await stream.ended
    await announce(plane.server.db, { what: 'demo' })
    await stays.said(/"demo"/)
    await disablePerson(plane.server.db, bea, plane.clock.now())
    await stays.ended
  })

  test('ends when its token is revoked', async () => {
    const headers = await plane.tokenOf('owner')
    const stream = await follow(headers)
    const token = await tokenByHash(
      plane.server.db,
      hashOfToken(headers.authorization!.replace('Bearer ', '')),
      plane.clock.now(),
    )
    await revokeToken(plane.server.db, token!.id, plane.clock.now())
    await stream.ended
  })

  test('opens eight times for one, and not a ninth time until one closes', async () => {
    const headers = await plane.tokenOf('owner')
    for (let at = 0; at < 8; at++) assert.equal((await follow(headers)).status, 200)
    assert.equal((await follow(headers)).status, 429)
  })
})

/** A server with this one route, and a feed by hand. */
async function startAlone(heartbeatMs: number) {
  let hear: ((news: Announcement) => void) | undefined
  let isKnown = true
  const app = createHttpServer({ logger: silentLogger })
  eventRoutes(
    {
      app,
      authenticate: async () => {
        if (!isKnown) throw new Error('unknown')
        return { kind: 'person', id: 'per', role: 'owner', behind: [] }
      },
      changes: undefined as never,
    },
    {
      heartbeatMs,
      feed: {
        subscribe: (one) => {
          hear = one
          return () => {
            hear = undefined
          }
        },
        stop: async () => {},
      },
    },
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    app,
    port: (app.server.address() as { port: number }).port,
    tell: (news: Announcement) => hear?.(news),
    isHeard: () => hear !== undefined,
    forget: () => {
      isKnown = false
    },
  }
}

test('a heartbeat finds out whose time has run out', async () => {
  const alone = await startAlone(20)
  const stream = await follow({}, alone.port)
  await stream.said(/: still here/)
  alone.forget()
  await stream.ended
  assert.equal(alone.isHeard(), false)
  await alone.app.close()
})

test('a server that stops ends its streams and does not wait for those who look on', async () => {
  const alone = await startAlone(60_000)
  const stream = await follow({}, alone.port)
  await Promise.all([alone.app.close(), stream.ended])
  assert.equal(alone.isHeard(), false)
})
