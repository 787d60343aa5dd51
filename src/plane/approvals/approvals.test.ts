import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { after, beforeEach, describe, test } from 'node:test'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import { startPlane } from '../../../test/support/plane.ts'
import { type SignedIn, signIn } from '../../../test/support/signed-in.ts'
import { challengeFor, type PasskeyProof } from '../../access/approvals/passkey.ts'

const plane = await startPlane()
after(() => plane.stop())
const rpId = 'console.borgen.localhost'
const origin = 'https://console.borgen.localhost:8443'

let days = 20
let [ada, bob]: SignedIn[] = []
beforeEach(async () => {
  await plane.admin.pool.query('update access.people set disabled_at = 1')
  ;[ada, bob] = [
    await signIn(plane, 'owner', `ada-${++days}@x.test`),
    await signIn(plane, 'owner', `bob-${days}@x.test`),
  ]
})
const text = () => `overview: 1\npromises:\n  retention.trial: { after: P${++days}D }\n`
const asked = async (by: SignedIn = ada!, overview = text()): Promise<string> => {
  const answer = await by.post('/v1/overview/proposals', { overview })
  assert.equal(answer.statusCode, 202, answer.body)
  return answer.json().approval.id
}
const entriesOf = async (approval: string) =>
  (await plane.log.entries()).filter((entry) => entry.event?.approval === approval)
const stateOf = async (id: string) => (await ada!.get(`/v1/approvals/${id}`)).json().state

describe('approving', () => {
  test('another person’s passkey approves once, and the log alone lets anyone check the signature', async () => {
    const id = await asked()
    const answer = await bob!.approve(id)
    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal(answer.json().state, 'carried-out')
    assert.equal(answer.json().manner, 'second person')
    assert.equal(answer.json().decidedBy.id, bob!.id)
    const event = (await entriesOf(id)).find((entry) => entry.type === 'overview.approved')!.event!
    const proof = event.proof as PasskeyProof
    const said = JSON.parse(Buffer.from(proof.clientDataJSON, 'base64url').toString())
    assert.equal(said.challenge, challengeFor(proof.nonce, String(event.digest)))
    const signed = Buffer.concat([
      Buffer.from(proof.authenticatorData, 'base64url'),
      createHash('sha256').update(Buffer.from(proof.clientDataJSON, 'base64url')).digest(),
    ])
    assert.ok(verify('sha256', signed, keyOf(proof.publicKey), Buffer.from(proof.signature, 'base64url')))
    const again = await bob!.post(`/v1/approvals/${id}/options`)
    assert.equal(again.statusCode, 409)
  })

  test('who asked can never approve: not in the console, not by a token of theirs, not by a token of that token', async () => {
    const id = await asked()
    assert.equal((await ada!.post(`/v1/approvals/${id}/options`)).statusCode, 403)
    const shown = (await ada!.get(`/v1/approvals/${id}`)).json()
    assert.equal(shown.mayDecide, false)
    assert.match(shown.why, /yourself/)
    const first = await ada!.post('/v1/tokens', { name: 'mine', scopes: ['*'], role: 'owner' })
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    const second = await plane.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: bearer(first.json().token),
      payload: { name: 'deeper', scopes: ['*'], role: 'owner' },
    })
    const proposed = await plane.app.inject({
      method: 'POST',
      url: '/v1/overview/proposals',
      headers: bearer(second.json().token),
      payload: { overview: text() },
    })
    assert.equal(proposed.statusCode, 202, proposed.body)
    assert.equal(proposed.json().approval.requestedBy.id, ada!.id)
    const byToken = proposed.json().approval.id
    assert.equal((await ada!.post(`/v1/approvals/${byToken}/options`)).statusCode, 403)
    assert.equal((await bob!.approve(byToken)).statusCode, 200)
  })

  test('a session alone, an old assertion, one for a sign-in, one for another approval or by another person: none approves', async () => {
    const [id, other] = [await asked(), await asked()]
    const approve = (who: SignedIn, assertion: unknown, approval = id) =>
      who.post(`/v1/approvals/${approval}/approve`, assertion === undefined ? {} : { assertion })
    assert.equal((await approve(bob!, undefined)).statusCode, 400)
    const forOther = await bob!.touch(other)
    assert.equal((await approve(bob!, forOther)).statusCode, 403)
    const old = await bob!.touch(id)
    plane.clock.advance(5 * 60_000 + 1)
    assert.equal((await approve(bob!, old)).statusCode, 403)
    const begun = await plane.app.inject({
      method: 'POST',
      url: '/sign-in/passkey/begin',
      headers: { host: 'console.borgen.localhost:8443', origin },
    })
    const signingIn = bob!.authenticator.signIn({ origin, rpId, challenge: begun.json().challenge })
    assert.equal((await approve(bob!, signingIn)).statusCode, 403)
    const eve = await signIn(plane, 'owner', `eve-${days}@x.test`)
    const stolen = await bob!.touch(id)
    assert.equal((await approve(eve, stolen)).statusCode, 403)
    const phished = bob!.authenticator.signIn({
      origin: 'https://console.borgen.localhost.evil.test',
      rpId,
      challenge: (await bob!.post(`/v1/approvals/${id}/options`)).json().challenge,
    })
    assert.equal((await approve(bob!, phished)).statusCode, 403)
    assert.equal(await stateOf(id), 'open')
  })

  test('an operator may ask and not approve; a token may not approve', async () => {
    const olle = await signIn(plane, 'operator', `olle-${days}@x.test`)
    const id = await asked()
    assert.equal((await olle.post(`/v1/approvals/${id}/options`)).statusCode, 403)
    assert.equal(
      (
        await plane.app.inject({
          method: 'POST',
          url: `/v1/approvals/${id}/options`,
          headers: await plane.tokenOf('owner'),
        })
      ).statusCode,
      403,
    )
    assert.equal((await ada!.approve(await asked(olle))).statusCode, 200)
  })

  test('what was altered after it was asked for is refused', async () => {
    const id = await asked()
    const assertion = await bob!.touch(id)
    await plane.admin.pool.query(
      `update access.approvals set content = replace(content, '"en":"Change', '"en":"Chance') where id = $1`,
      [id],
    )
    const answer = await bob!.post(`/v1/approvals/${id}/approve`, { assertion })
    assert.equal(answer.statusCode, 409)
    assert.match(answer.json().detail, /altered/)
    await plane.admin.pool.query('delete from access.challenges')
    await plane.admin.pool.query(
      `update access.approvals set content = replace(content, '"en":"Chance', '"en":"Change') where id = $1`,
      [id],
    )
    const overview = (await ada!.get('/v1/overview'))
      .json()
      .proposals.find((one: { approval: string }) => one.approval === id)
    await plane.admin.pool.query(`update pledges.overviews set text = text || ' ' where id = $1`, [
      overview.id,
    ])
    const refused = await bob!.approve(id)
    assert.equal(refused.json().state, 'refused')
    assert.match(refused.json().reason, /altered/)
  })

  test('a world that changed since refuses it, with the reason; the first of two proposals wins', async () => {
    const [first, second] = [await asked(), await asked()]
    assert.equal((await bob!.approve(first)).json().state, 'carried-out')
    const late = await bob!.approve(second)
    assert.equal(late.statusCode, 200)
    assert.equal(late.json().state, 'refused')
    assert.match(late.json().reason, /came into force after/)
    assert.equal((await entriesOf(second)).at(-1)?.type, 'approval.refused')
  })

  test('two approvals at once have one effect', async () => {
    const id = await asked()
    const cy = await signIn(plane, 'owner', `cy-${days}@x.test`)
    const answers = await Promise.all([bob!.approve(id), cy.approve(id)])
    assert.deepEqual(answers.map((one) => one.statusCode).sort(), [200, 409])
    assert.equal((await entriesOf(id)).filter((entry) => entry.type === 'overview.approved').length, 1)
  })

  test('a repeated request gets the first answer', async () => {
    const id = await asked()
    const assertion = await bob!.touch(id)
    const send = () =>
      bob!.post(`/v1/approvals/${id}/approve`, { assertion }, { 'idempotency-key': `key-${id}` })
    const [first, second] = [await send(), await send()]
    assert.equal(first.statusCode, 200, first.body)
    assert.equal(second.statusCode, 200, second.body)
    assert.equal(second.headers['idempotent-replayed'], 'true')
    assert.deepEqual(second.json(), first.json())
  })
})

describe('a crash', () => {
  test('in the middle of carrying out leaves nothing, and the repetition carries it out once', async () => {
    const id = await asked()
    await plane.admin.pool.query(
      `create function pledges.crash() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$;
       create trigger crash before insert on pledges.public_lines for each row execute function pledges.crash()`,
    )
    const answer = await bob!.approve(id)
    assert.equal(answer.statusCode, 500)
    assert.equal(await stateOf(id), 'open')
    await plane.admin.pool.query('drop function pledges.crash cascade')
    assert.equal((await bob!.approve(id)).json().state, 'carried-out')
    const { rows } = await plane.admin.pool.query(
      'select count(*)::int as count from pledges.public_lines l join pledges.overviews o on o.id = l.overview where o.approval = $1',
      [id],
    )
    assert.ok(rows[0].count >= 1)
  })

  test('after the effect and before the log leaves the entry in the outbox, with its proof', async () => {
    const id = await asked()
    const assertion = await bob!.touch(id)
    // The log takes the intent and then is away.
    const append = plane.log.client.append
    let calls = 0
    plane.log.client.append = async (entries) => {
      calls += 1
      if (calls > 1) throw new Error('gone')
      return append(entries)
    }
    const answer = await bob!.post(`/v1/approvals/${id}/approve`, { assertion })
    plane.log.client.append = append
    assert.equal(answer.statusCode, 200, answer.body)
    const { rows } = await plane.admin.pool.query(
      `select event from changes.outbox where type = 'overview.approved' and event->>'approval' = $1`,
      [id],
    )
    assert.equal(rows.length, 1)
    assert.equal(rows[0].event.proof.method, 'passkey')
  })
})

describe('a world of one person', () => {
  beforeEach(async () => {
    await plane.admin.pool.query('update access.people set disabled_at = 1 where id <> $1', [ada!.id])
  })

  test('may change its own numbers, says so in public, and must say that it knows', async () => {
    const id = await asked()
    assert.equal((await ada!.get(`/v1/approvals/${id}`)).json().alone, true)
    const silent = await ada!.approve(id)
    assert.equal(silent.statusCode, 409)
    assert.equal(silent.json().code, 'confirmation_needed')
    const answer = await ada!.approve(id, { alone: true })
    assert.equal(answer.json().manner, 'one person')
    const [line] = (await ada!.get('/v1/overview/history')).json().items
    assert.match(line.line.en, /Approved by one person\.$/)
    assert.match(line.line.sv, /Godkänt av en enda person\.$/)
  })

  test('may drop nothing alone, and has no say once somebody else could', async () => {
    const id = await asked(
      ada!,
      'overview: 1\npromises:\n  premises.cctv: { dropped: We own no premises. }\n',
    )
    assert.equal((await ada!.post(`/v1/approvals/${id}/options`)).statusCode, 403)
    const number = await asked()
    const assertion = await ada!.touch(number)
    await signIn(plane, 'owner', `late-${days}@x.test`)
    const answer = await ada!.post(`/v1/approvals/${number}/approve`, { assertion, alone: true })
    assert.equal(answer.statusCode, 403)
  })
})

describe('one-time codes', () => {
  const host = () => plane.tokenOf('owner')
  const inject = (url: string, headers: Record<string, string>, payload: object = {}) =>
    plane.app.inject({ method: 'POST', url, headers, payload })

  test('made on the host for a person and an approval, it works once, within ten minutes', async () => {
    const [id, other] = [await asked(), await asked()]
    const token = await host()
    const make = (approval: string, email: string) =>
      inject(`/v1/approvals/${approval}/codes`, token, { email })
    assert.equal((await make(id, ada!.email)).statusCode, 403)
    assert.equal((await make(id, 'nobody@x.test')).statusCode, 404)
    const made = await make(id, bob!.email)
    assert.equal(made.statusCode, 201, made.body)
    const { code } = made.json()
    assert.ok(code.replaceAll('-', '').length * 5 >= 128)
    assert.equal((await inject(`/v1/approvals/${other}/approve`, token, { code })).statusCode, 403)
    assert.equal((await ada!.post(`/v1/approvals/${id}/approve`, { code })).statusCode, 403)
    assert.equal(
      (
        await inject(`/v1/approvals/${id}/approve`, token, {
          code: `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`,
        })
      ).statusCode,
      403,
    )
    const answer = await bob!.post(`/v1/approvals/${id}/approve`, { code: code.toUpperCase() })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal(answer.json().decidedBy.id, bob!.id)
    const late = (await make(other, bob!.email)).json().code
    plane.clock.advance(10 * 60_000 + 1)
    assert.equal((await inject(`/v1/approvals/${other}/approve`, token, { code: late })).statusCode, 403)
    assert.doesNotMatch(JSON.stringify(await plane.log.entries()), new RegExp(code.slice(0, 11)))
  })

  test('no person makes one, and whoever asked by the host’s token makes none for it', async () => {
    const id = await asked()
    assert.equal((await ada!.post(`/v1/approvals/${id}/codes`, { email: bob!.email })).statusCode, 403)
    const own = await ada!.post('/v1/tokens', { name: 'mine', scopes: ['*'], role: 'owner' })
    const headers = { authorization: `Bearer ${own.json().token}` }
    assert.equal((await inject(`/v1/approvals/${id}/codes`, headers, { email: bob!.email })).statusCode, 403)
    const token = await host()
    const nobody = await inject('/v1/overview/proposals', token, { overview: text() })
    assert.equal(nobody.statusCode, 400)
    const named = await inject('/v1/overview/proposals', token, { overview: text(), by: ada!.email })
    assert.equal(named.statusCode, 202, named.body)
    const theirs = named.json().approval.id
    assert.equal(
      (await inject(`/v1/approvals/${theirs}/codes`, token, { email: bob!.email })).statusCode,
      403,
    )
    assert.equal((await ada!.post(`/v1/approvals/${theirs}/options`)).statusCode, 403)
    assert.equal((await bob!.approve(theirs)).statusCode, 200)
  })
})

describe('an end without effect', () => {
  test('refusing and withdrawing are logged with the reason, and end it for good', async () => {
    const [refused, withdrawn] = [await asked(), await asked()]
    assert.equal(
      (await bob!.post(`/v1/approvals/${refused}/refuse`, { reason: 'Too short.' })).json().state,
      'refused',
    )
    assert.equal((await bob!.post(`/v1/approvals/${withdrawn}/withdraw`)).statusCode, 403)
    assert.equal((await ada!.post(`/v1/approvals/${withdrawn}/withdraw`)).json().state, 'withdrawn')
    for (const id of [refused, withdrawn]) {
      assert.equal((await bob!.post(`/v1/approvals/${id}/options`)).statusCode, 409)
      assert.equal((await bob!.post(`/v1/approvals/${id}/refuse`, { reason: 'again' })).statusCode, 409)
    }
    assert.equal((await entriesOf(refused)).at(-1)?.event?.because, 'Too short.')
    assert.equal((await entriesOf(withdrawn)).at(-1)?.type, 'approval.withdrawn')
  })

  test('what nobody answers in seven days has expired', async () => {
    const id = await asked()
    const assertion = await bob!.touch(id)
    plane.clock.advance(7 * 86_400_000)
    const [again] = [await signIn(plane, 'owner', `back-${days}@x.test`)]
    assert.equal((await again.get(`/v1/approvals/${id}`)).json().state, 'expired')
    assert.equal((await again.post(`/v1/approvals/${id}/approve`, { assertion })).statusCode, 409)
    const open = (await again.get('/v1/approvals')).json().items as { id: string }[]
    assert.ok(!open.some((one) => one.id === id))
    assert.ok(
      ((await again.get('/v1/approvals?state=all')).json().items as { id: string }[]).some(
        (one) => one.id === id,
      ),
    )
  })
})

/** A COSE key of P-256 (RFC 9052) as Node takes it. */
function keyOf(cose: string) {
  const key = isoCBOR.decodeFirst<Map<number, Uint8Array>>(new Uint8Array(Buffer.from(cose, 'base64url')))
  const part = (label: number) => Buffer.from(key.get(label)!).toString('base64url')
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: part(-2), y: part(-3) } })
}
