import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { addPerson, startPlane } from '../../test/support/plane.ts'
import { SESSION_COOKIE } from '../access/authenticate.ts'
import { openSession } from '../access/sign-in.ts'

const plane = await startPlane()
after(() => plane.stop())
const origin = 'https://console.borgen.localhost:8443'

async function signedIn(role: 'owner' | 'operator' | 'auditor', email: string) {
  const id = await addPerson(plane, role, email)
  const session = await openSession(plane.server.db, {
    person: id,
    method: 'passkey',
    behind: [],
    now: plane.clock.now(),
  })
  return { id, headers: { cookie: `${SESSION_COOKIE}=${session}`, origin } }
}
const send = (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string>,
  payload?: object,
) => plane.app.inject({ method, url, headers, ...(payload ? { payload } : {}) })

describe('who asks', () => {
  test('is told who they are, what they may do and until when', async () => {
    const { id, headers } = await signedIn('auditor', 'aud@x.test')
    const me = (await send('GET', '/v1/me', headers)).json()
    assert.equal(me.person.id, id)
    assert.equal(me.actor, `person:${id}`)
    assert.ok(me.may.includes('log.read') && !me.may.includes('instance.wake'))
    assert.equal(me.session.until - me.session.since, 12 * 3_600_000)
    assert.deepEqual([me.world.demo, me.world.planeDomain], [true, 'borgen.localhost'])
  })

  test('is no person when it is a token', async () => {
    const me = (
      await send('GET', '/v1/me', await plane.tokenOf('operator', ['me.read', 'instance.*']))
    ).json()
    assert.deepEqual([me.person, me.session, me.passkeys], [null, null, []])
    assert.ok(me.may.includes('instance.wake') && !me.may.includes('account.list'))
  })
})

describe('owners', () => {
  test('give another role, which holds at once', async () => {
    const [owner, other] = [await signedIn('owner', 'o1@x.test'), await signedIn('operator', 'op1@x.test')]
    const answer = await send('POST', `/v1/people/${other.id}/role`, owner.headers, { role: 'auditor' })
    assert.equal(answer.json().role, 'auditor', answer.body)
    assert.equal((await send('GET', '/v1/me', other.headers)).json().person.role, 'auditor')
  })

  test('remove a person: sessions and tokens end, and an invitation brings the person back', async () => {
    const [owner, other] = [await signedIn('owner', 'o2@x.test'), await signedIn('operator', 'op2@x.test')]
    const made = await send('POST', '/v1/tokens', other.headers, { name: 'mine', scopes: ['status.read'] })
    const bearer = { authorization: `Bearer ${made.json().token}` }
    assert.equal((await send('GET', '/v1/status', bearer)).statusCode, 200)
    assert.equal((await send('DELETE', `/v1/people/${other.id}`, owner.headers)).statusCode, 200)
    assert.equal((await send('GET', '/v1/me', other.headers)).statusCode, 401)
    assert.equal((await send('GET', '/v1/status', bearer)).statusCode, 401)
    const again = { email: 'op2@x.test', role: 'auditor' }
    assert.equal(
      (await send('POST', '/v1/people/sign-in-links', owner.headers, again)).json().person,
      other.id,
    )
    const listed = (await send('GET', '/v1/people', owner.headers)).json().items as { id: string }[]
    assert.deepEqual(
      listed.find((one) => one.id === other.id),
      { ...listed.find((one) => one.id === other.id), role: 'auditor', disabledAt: null },
    )
  })

  test('cannot change their own place, and the last of them stays', async () => {
    const owner = await signedIn('owner', 'o3@x.test')
    const url = `/v1/people/${owner.id}`
    assert.equal((await send('DELETE', url, owner.headers)).statusCode, 409)
    assert.equal((await send('POST', `${url}/role`, owner.headers, { role: 'auditor' })).statusCode, 409)
    const token = await plane.tokenOf('owner')
    const listed = (await send('GET', '/v1/people', token)).json().items as { id: string; role: string }[]
    const owners = listed.filter((one) => one.role === 'owner')
    const statuses: number[] = []
    for (const { id } of owners) statuses.push((await send('DELETE', `/v1/people/${id}`, token)).statusCode)
    assert.deepEqual(statuses, [...owners.slice(1).map(() => 200), 409])
  })
})
