import { addPerson, type TestPlane } from '../support/plane.ts'
import { signIn } from '../support/signed-in.ts'

/** A request that a change route takes, in a world that `prepare` made. */
export type Sample = { url: string; payload?: unknown; headers?: Record<string, string> }

const acme = { company: 'Acme', email: 'ann@acme.test', country: 'SE', region: 'eu-frankfurt' }

async function instanceOf(plane: TestPlane): Promise<string> {
  await plane.addRelease(`app-${plane.routes.length}-${sequence++}`)
  const url = '/v1/accounts'
  const headers = await plane.tokenOf('owner')
  const answer = await plane.app.inject({
    method: 'POST',
    url,
    headers,
    payload: { ...acme, company: `Acme ${sequence}` },
  })
  return (answer.json() as { instance: { id: string } }).instance.id
}
let sequence = 1

const endAdvances = (plane: TestPlane) =>
  plane.admin.pool.query('update demo.advances set ended_at = asked_at where ended_at is null')

/** For every change route one request that succeeds; a change route without one fails test/coverage.test.ts. */
export const CHANGE_SAMPLES: Readonly<Record<string, (plane: TestPlane) => Promise<Sample>>> = {
  'POST /v1/accounts': async (plane) => {
    await plane.addRelease(`app-${sequence++}`)
    return { url: '/v1/accounts', payload: acme }
  },
  'POST /v1/instances/:instance/wake': async (plane) => ({
    url: `/v1/instances/${await instanceOf(plane)}/wake`,
  }),
  'POST /v1/instances/:instance/sleep': async (plane) => ({
    url: `/v1/instances/${await instanceOf(plane)}/sleep`,
  }),
  'POST /v1/instances/:instance/suspend': async (plane) => ({
    url: `/v1/instances/${await instanceOf(plane)}/suspend`,
  }),
  'POST /v1/instances/:instance/resume': async (plane) => {
    const id = await instanceOf(plane)
    await plane.app.inject({
      method: 'POST',
      url: `/v1/instances/${id}/suspend`,
      headers: await plane.tokenOf('owner'),
    })
    return { url: `/v1/instances/${id}/resume` }
  },
  'DELETE /v1/instances/:instance': async (plane) => {
    const id = await instanceOf(plane)
    const shown = await plane.app.inject({
      method: 'GET',
      url: `/v1/instances/${id}`,
      headers: await plane.tokenOf('owner'),
    })
    return { url: `/v1/instances/${id}`, payload: { confirm: (shown.json() as { slug: string }).slug } }
  },
  'POST /v1/promises/:promise/prove': async () => ({ url: '/v1/promises/encryption.disks/prove' }),
  'POST /v1/demo/break/:what': async () => ({ url: '/v1/demo/break/tls' }),
  'POST /v1/demo/mend/:what': async () => ({ url: '/v1/demo/mend/tls' }),
  'POST /v1/demo/advance': async (plane) => {
    // One at a time, and nobody is here to carry it out.
    await endAdvances(plane)
    return { url: '/v1/demo/advance', payload: { by: 'P1D' } }
  },
  'POST /v1/apps': async () => releaseUpload(`upload-${sequence++}`),
  'POST /v1/tokens': async () => ({ url: '/v1/tokens', payload: { name: 'ci', scopes: ['status.read'] } }),
  'DELETE /v1/tokens/:token': async (plane) => {
    const made = await plane.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: await plane.tokenOf('owner'),
      payload: { name: 'old', scopes: ['status.read'] },
    })
    return { url: `/v1/tokens/${(made.json() as { id: string }).id}` }
  },
  'POST /v1/overview/proposals': async (plane) => {
    const by = `asks-${sequence++}@example.test`
    await addPerson(plane, 'owner', by)
    return { url: '/v1/overview/proposals', payload: { ...newOverview(), by } }
  },
  'POST /v1/approvals/:approval/approve': async (plane) => {
    const { id, code } = await approvalWithCode(plane)
    return { url: `/v1/approvals/${id}/approve`, payload: { code } }
  },
  'POST /v1/approvals/:approval/codes': async (plane) => {
    const { id, second } = await approvalFor(plane)
    return { url: `/v1/approvals/${id}/codes`, payload: { email: second } }
  },
  'POST /v1/approvals/:approval/refuse': async (plane) => ({
    url: `/v1/approvals/${(await approvalFor(plane)).id}/refuse`,
    payload: { reason: 'Not this year.' },
  }),
  'POST /v1/approvals/:approval/withdraw': async (plane) => ({
    url: `/v1/approvals/${(await approvalFor(plane)).id}/withdraw`,
    payload: {},
  }),
  'POST /v1/attestations': async (plane) => {
    await addPerson(plane, 'owner', `signs-${sequence}@example.test`)
    return { url: '/v1/attestations', payload: attestation(plane, `signs-${sequence++}@example.test`) }
  },
  'POST /v1/attestations/:attestation/withdraw': async (plane) => {
    await addPerson(plane, 'owner', `signed-${sequence}@example.test`)
    const made = await plane.app.inject({
      method: 'POST',
      url: '/v1/attestations',
      headers: await plane.tokenOf('owner'),
      payload: attestation(plane, `signed-${sequence++}@example.test`),
    })
    const { id } = (made.json() as { attestation: { id: string } }).attestation
    return { url: `/v1/attestations/${id}/withdraw`, payload: { reason: 'It was somebody else.' } }
  },
  'POST /v1/people/:person/role': async (plane) => ({
    url: `/v1/people/${await addPerson(plane, 'operator', `role-${sequence++}@example.test`)}/role`,
    payload: { role: 'auditor' },
  }),
  'DELETE /v1/people/:person': async (plane) => ({
    url: `/v1/people/${await addPerson(plane, 'operator', `gone-${sequence++}@example.test`)}`,
  }),
  'POST /v1/people/vouchers': async (plane) => {
    const { email } = await signIn(plane, 'owner', `vouched-${sequence++}@example.test`)
    return { url: '/v1/people/vouchers', payload: { email } }
  },
  'POST /v1/people/sign-in-links': async () => ({
    url: '/v1/people/sign-in-links',
    payload: { email: `new-${sequence++}@example.test` },
  }),
}

const newOverview = () => ({
  overview: `overview: 1\npromises:\n  retention.trial: { after: P${10 + sequence++}D }\n`,
})

const attestation = (plane: TestPlane, by: string) => ({
  promise: 'continuity.risk',
  part: 'reviewed',
  subject: 'the risk register',
  statement: 'Reviewed with the whole board in a meeting of two hours.',
  evidence: { name: 'minutes.txt', base64: Buffer.from('minutes').toString('base64') },
  expiresAt: plane.clock.now() + 86_400_000,
  by,
})

/** An overview that one person proposed, and another may approve. */
export async function approvalFor(plane: TestPlane): Promise<{ id: string; second: string }> {
  const [first, second] = [`first-${sequence}@example.test`, `second-${sequence++}@example.test`]
  await addPerson(plane, 'owner', first)
  await addPerson(plane, 'owner', second)
  const made = await plane.app.inject({
    method: 'POST',
    url: '/v1/overview/proposals',
    headers: await plane.tokenOf('owner'),
    payload: { ...newOverview(), by: first },
  })
  return { id: (made.json() as { approval: { id: string } }).approval.id, second }
}

/** The same with a code of the person who may approve. */
export async function approvalWithCode(
  plane: TestPlane,
): Promise<{ id: string; code: string; second: string }> {
  const { id, second } = await approvalFor(plane)
  const made = await plane.app.inject({
    method: 'POST',
    url: `/v1/approvals/${id}/codes`,
    headers: await plane.tokenOf('owner'),
    payload: { email: second },
  })
  return { id, second, code: (made.json() as { code: string }).code }
}

/**
 * Requests other than GET that are no changes of the register, each with why it need not go through the wrapper. A route
 * that is not in this list and not a change fails test/coverage.test.ts.
 */
export const OTHER_POSTS: Readonly<Record<string, string>> = {
  'POST /v1/apps/check': 'looks at a text and keeps nothing',
  'POST /v1/overview/check': 'looks at a text and keeps nothing',
  'POST /internal/edge/resolve':
    'wakes what its owner wished to sleep only when idle; the worker logs the waking',
  'POST /internal/edge/activity': 'counters of the edge; no decision of anybody',
  'POST /v1/approvals/:approval/options': 'gives out a challenge that means nothing until it is answered',
  'POST /sign-in/:token': 'refused when the log cannot take the attempt; the outcome is logged',
  'POST /sign-in/passkey/begin': 'gives out a challenge that means nothing until it is answered',
  'POST /sign-in/passkey': 'refused when the log cannot take the attempt; the outcome is logged',
  'POST /sign-out': 'must work when the log is down: it only takes rights away; logged where possible',
  'POST /passkeys/begin': 'gives out a challenge that means nothing until it is answered',
  'POST /passkeys': 'refused when the log cannot take the intent; the outcome is logged',
}

/** A release of one file, as a browser or the CLI would send it. */
export function releaseUpload(name: string, version = '1.0.0'): Sample {
  const boundary = 'borgen-test-boundary'
  const manifest = `name: ${name}\nversion: ${version}\nstart: [./run]\ndatabase: none\nlisten: { socket: APP_SOCKET }\nhealth: /\n`
  const part = (head: string, body: Buffer | string) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ])
  return {
    url: '/v1/apps',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([
      part('name="manifest"', manifest),
      part('name="release"; filename="release.tar"\r\nContent-Type: application/x-tar', tarOf(name)),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
  }
}

/** A tar archive (POSIX ustar) with one executable file `run` that holds this text. */
function tarOf(text: string): Buffer {
  const header = Buffer.alloc(512)
  header.write('run', 0)
  header.write('0000755\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const body = Buffer.alloc(512)
  body.write(text)
  return Buffer.concat([header, body, Buffer.alloc(1024)])
}
