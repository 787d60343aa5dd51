import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { startPlane } from '../../../test/support/plane.ts'
import { openLink, type SignedIn, signIn } from '../../../test/support/signed-in.ts'

const plane = await startPlane()
after(() => plane.stop())

let days = 20
let ada: SignedIn
let bob: SignedIn
beforeEach(async () => {
  await plane.admin.pool.query('update access.people set disabled_at = 1')
  ada = await signIn(plane, 'owner', `ada-${++days}@x.test`)
  bob = await signIn(plane, 'owner', `bob-${days}@x.test`)
})

type Send = (url: string, payload: object) => ReturnType<SignedIn['post']>
const inject =
  (headers: Record<string, string>): Send =>
  async (url, payload) =>
    plane.app.inject({ method: 'POST', url, headers, payload })
const host = async () => inject(await plane.tokenOf('owner'))
const tokenOf = async (post: Send) => {
  const made = await post('/v1/tokens', { name: 'mine', scopes: ['*'], role: 'owner' })
  assert.equal(made.statusCode, 201, made.body)
  return inject({ authorization: `Bearer ${made.json().token}` })
}
/** Signs in by a link that is made by this way of sending, for somebody who is there or is invented now. */
const linked = async (post: Send, email: string) => {
  const made = await post('/v1/people/sign-in-links', { email, role: 'owner' })
  assert.equal(made.statusCode, 201, made.body)
  return openLink(plane, { id: made.json().person, email, link: made.json().url })
}
const withPasskey = async (post: Send, email: string) => {
  const person = await linked(post, email)
  assert.equal((await person.addPasskey()).statusCode, 200)
  return person
}
const asked = async (post: Send): Promise<string> => {
  const overview = `overview: 1\npromises:\n  retention.trial: { after: P${++days}D }\n`
  const answer = await post('/v1/overview/proposals', { overview })
  assert.equal(answer.statusCode, 202, answer.body)
  return answer.json().approval.id
}
const mustRefuse = async (who: SignedIn, approval: string, why: RegExp) => {
  const options = await who.post(`/v1/approvals/${approval}/options`)
  assert.equal(options.statusCode, 403, options.body)
  assert.match(options.json().detail, why)
  assert.match(options.json().remedy, /borgen person vouch/)
  const shown = (await who.get(`/v1/approvals/${approval}`)).json()
  assert.equal(shown.mayDecide, false)
  assert.match(shown.why, why)
}
const invented = () => `invented-${++days}@x.test`

describe('one owner alone does not do what takes two', () => {
  test('as another owner who has no passkey yet', async () => {
    const email = invented()
    await (await host())('/v1/people/sign-in-links', { email, role: 'owner' })
    const disa = await withPasskey(ada.post, email)
    await mustRefuse(disa, await asked(ada.post), /leads back to who asked/)
    assert.equal((await disa.approve(await asked(bob.post))).statusCode, 200)
  })

  test('as another owner who has one: no passkey is added without a touch of theirs, and none is copied in', async () => {
    const before = (await plane.log.entries()).length
    const disa = await linked(ada.post, bob.email)
    const added = await disa.addPasskey()
    assert.equal(added.statusCode, 403, added.body)
    assert.match(added.json().remedy, /host/)
    assert.equal((await disa.addPasskey({ proving: ada.authenticator })).statusCode, 401)
    const entry = (await plane.log.entries()).slice(before).find((one) => one.type === 'person.link-made')
    assert.equal(entry?.event?.person, bob.id)
    assert.equal(entry?.event?.isForAnother, true)
    const [link] = (await bob.get('/v1/me')).json().links
    assert.equal(link.by.id, ada.id)
    assert.notEqual(link.usedAt, null)
    assert.equal((await bob.approve(await asked(ada.post))).statusCode, 200)
  })

  test('as another owner who asks, so that one’s own passkey would agree', async () => {
    const asBob = await linked(ada.post, bob.email)
    await mustRefuse(ada, await asked(asBob.post), /leads back to you/)
    await mustRefuse(ada, await asked(await tokenOf(asBob.post)), /leads back to you/)
  })

  test('as an invented owner, who then agrees, or asks', async () => {
    const eve = await withPasskey(ada.post, invented())
    await mustRefuse(eve, await asked(ada.post), /leads back to who asked/)
    await mustRefuse(ada, await asked(eve.post), /leads back to you/)
  })

  test('by a token, and a token of that token', async () => {
    const deeper = await tokenOf(await tokenOf(ada.post))
    const eve = await withPasskey(deeper, invented())
    for (const by of [ada.post, deeper]) await mustRefuse(eve, await asked(by), /leads back to who asked/)
    for (const by of [eve.post, await tokenOf(eve.post)])
      await mustRefuse(ada, await asked(by), /leads back to you/)
  })

  test('by way of an invented owner who invents another, and signs in anew with the passkey', async () => {
    const eve = await withPasskey(ada.post, invented())
    const mallory = await withPasskey(eve.post, invented())
    const trent = await withPasskey(await tokenOf(mallory.post), invented())
    const oscar = await withPasskey(ada.post, invented())
    for (const who of [mallory, trent]) {
      await mustRefuse(who, await asked(ada.post), /leads back/)
      await mustRefuse(who, await asked(eve.post), /leads back/)
      await mustRefuse(who, await asked(oscar.post), /leads back/)
      await mustRefuse(ada, await asked(who.post), /leads back to you/)
    }
    // A passkey added by touching one that leads back leads back as well.
    const { id, email } = mallory
    const another = await openLink(plane, { id, email, link: await linkOf(ada.post, email) })
    assert.equal((await another.addPasskey({ proving: mallory.authenticator })).statusCode, 200)
    await mustRefuse(another, await asked(ada.post), /leads back/)
  })

  test('by a token that a program was given on the host: nobody answers for it', async () => {
    const program = await tokenOf(await host())
    const eve = await withPasskey(program, invented())
    await mustRefuse(eve, await asked(ada.post), /not known how your passkey/)
    const overview = `overview: 1\npromises:\n  retention.trial: { after: P${++days}D }\n`
    const named = await program('/v1/overview/proposals', { overview, by: bob.email })
    await mustRefuse(ada, named.json().approval.id, /not known how who asked/)
  })
})

const linkOf = async (post: Send, email: string): Promise<string> =>
  (await post('/v1/people/sign-in-links', { email })).json().url

describe('the host’s word', () => {
  test('a link of the host’s makes a second person of anybody it is made for', async () => {
    const email = invented()
    await ada.post('/v1/people/sign-in-links', { email, role: 'owner' })
    const cy = await withPasskey(await host(), email)
    assert.equal((await cy.approve(await asked(ada.post))).json().manner, 'second person')
    assert.equal((await ada.approve(await asked(cy.post))).json().manner, 'second person')
  })

  test('vouching clears the passkeys that there are, is logged and shown, and is nobody else’s to give', async () => {
    const cy = await withPasskey(ada.post, invented())
    const id = await asked(ada.post)
    await mustRefuse(cy, id, /leads back/)
    const people = async () =>
      (await ada.get('/v1/people')).json().items.find((one: { id: string }) => one.id === cy.id).passkeys
    assert.deepEqual((await people())[0].behind, [{ id: ada.id, name: 'owner' }])
    const vouch = (post: Send) => post('/v1/people/vouchers', { email: cy.email })
    for (const post of [ada.post, bob.post, cy.post, await tokenOf(ada.post), await tokenOf(await host())])
      assert.equal((await vouch(post)).statusCode, 403)
    const done = await vouch(await host())
    assert.equal(done.statusCode, 201, done.body)
    assert.notEqual((await people())[0].vouchedAt, null)
    assert.ok(
      (await plane.log.entries()).some((one) => one.type === 'person.vouched' && one.event?.person === cy.id),
    )
    const answer = await cy.approve(id)
    assert.equal(answer.json().manner, 'second person', answer.body)
    // What was asked for in a session from before still leads back; after signing in anew it does not.
    await mustRefuse(ada, await asked(cy.post), /leads back to you/)
  })

  test('there is nothing to vouch for before there is a passkey, and later ones are not vouched for', async () => {
    const email = invented()
    const cy = await linked(ada.post, email)
    const early = await (await host())('/v1/people/vouchers', { email })
    assert.equal(early.statusCode, 409, early.body)
    assert.equal((await cy.addPasskey()).statusCode, 200)
    await mustRefuse(cy, await asked(ada.post), /leads back/)
  })

  test('a one-time code counts where a passkey does not, and never for who let in who asked', async () => {
    const cy = await withPasskey(ada.post, invented())
    const id = await asked(ada.post)
    assert.equal((await cy.get(`/v1/approvals/${id}`)).json().codeOnly, true)
    const { code } = (await (await host())(`/v1/approvals/${id}/codes`, { email: cy.email })).json()
    assert.equal((await cy.post(`/v1/approvals/${id}/approve`, { code })).statusCode, 200)
    const theirs = await asked(cy.post)
    assert.equal(
      (await (await host())(`/v1/approvals/${theirs}/codes`, { email: ada.email })).statusCode,
      403,
    )
  })

  test('a passkey of before all this was written down counts once it is vouched for', async () => {
    await plane.admin.pool.query('update access.passkeys set behind = default where person = $1', [bob.id])
    const id = await asked(ada.post)
    await mustRefuse(bob, id, /not known how your passkey/)
    assert.equal((await (await host())('/v1/people/vouchers', { email: bob.email })).statusCode, 201)
    assert.equal((await bob.approve(id)).statusCode, 200)
  })

  test('the log says who could be behind each side', async () => {
    const id = await asked(ada.post)
    assert.equal((await bob.approve(id)).statusCode, 200)
    const event = (await plane.log.entries()).find(
      (one) => one.type === 'overview.approved' && one.event?.approval === id,
    )?.event
    assert.deepEqual(event?.askedBehind, [ada.id])
    assert.deepEqual(event?.approverBehind, [])
  })
})
