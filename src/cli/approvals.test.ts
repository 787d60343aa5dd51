import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { layout } from '../kernel/layout.ts'
import { type Plane, startPlane } from './testing/plane.ts'
import { type Ran, run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'bapprovals-'))
let plane: Plane
/** The host's own token, and another one that a program has. */
const borgen = (...args: string[]): Promise<Ran> =>
  run(args, { env: { BORGEN_DATA: plane.dataDir }, cwd: folder })
const asProgram = (...args: string[]): Promise<Ran> =>
  run(args, { env: { BORGEN_DATA: folder }, cwd: folder })

before(async () => {
  plane = await startPlane()
  for (const name of ['ada', 'bob'])
    await borgen('sign-in-link', '--email', `${name}@vendor.test`, '--name', name, '--role', 'owner')
  const made = await borgen(
    'token',
    'create',
    '--name',
    'program',
    '--scope',
    '*',
    '--role',
    'owner',
    '--json',
  )
  writeFileSync(layout.cliToken(folder), `${made.json().token}\n`, { mode: 0o600 })
  symlinkSync(join(plane.dataDir, 'run'), join(folder, 'run'))
})
after(async () => {
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

const propose = async (after: string): Promise<string> => {
  writeFileSync(
    join(folder, 'overview.yaml'),
    `overview: 1\npromises:\n  retention.cancelled: { after: ${after} }\n`,
  )
  const proposed = await asProgram('overview', 'propose', '--by', 'ada@vendor.test', '--json')
  assert.equal(proposed.code, 0, proposed.stderr)
  return proposed.json().approval.id
}

test('an overview is proposed, approved with another person’s code, and leaves its public line', async () => {
  const id = await propose('P60D')
  const listed = await borgen('approval', 'list')
  assert.match(listed.stdout, new RegExp(`${id}.*Change what is promised.*ada.*open`))
  const shown = await borgen('approval', 'show', id)
  assert.match(shown.stdout, /from 90 days to 60 days/)
  assert.match(shown.stdout, /It will then say/)
  assert.equal((await borgen('approve-code', id, '--email', 'ada@vendor.test')).code, 4)
  const made = await borgen('approve-code', id, '--email', 'bob@vendor.test', '--json')
  assert.equal(made.code, 0, made.stderr)
  const { code } = made.json()
  const wrong = await borgen('approval', 'approve', id, '--code', 'z'.repeat(26))
  assert.equal(wrong.code, 4)
  const approved = await run(['approval', 'approve', id], {
    env: { BORGEN_DATA: plane.dataDir },
    answers: `${code}\n`,
  })
  assert.equal(approved.code, 0, approved.stderr)
  assert.match(approved.stdout, /carried-out/)
  const history = await borgen('overview', 'history')
  assert.match(history.stdout, /from 90 days to 60 days\. Approved by a second person\./)
  const promise = await borgen('promise', 'show', 'retention.cancelled')
  assert.match(promise.stdout, /60 days/)
  const overview = await borgen('overview', 'show')
  assert.match(overview.stdout, /In force {2,}ovw_[\s\S]*Approved by {2,}bob[\s\S]*carried-out/)
  assert.equal((await asProgram('overview', 'propose', '--by', 'ada@vendor.test')).code, 4)
})

test('it is refused with a reason, or withdrawn', async () => {
  const [first, second] = [await propose('P40D'), await propose('P41D')]
  const refused = await borgen('approval', 'refuse', first, '--reason', 'Too short.')
  assert.match(refused.stdout, /refused[\s\S]*Too short\./)
  const withdrawn = await borgen('approval', 'withdraw', second)
  assert.equal(withdrawn.code, 0, withdrawn.stderr)
  assert.equal((await borgen('approval', 'withdraw', second)).code, 4)
  assert.match((await borgen('approval', 'list')).stderr, /Nothing waits/)
  assert.match((await borgen('approval', 'list', '--all')).stdout, /withdrawn/)
})

test('nobody can be told to be another person when nobody says who asks', async () => {
  writeFileSync(join(folder, 'overview.yaml'), 'overview: 1\npromises:\n  retention.trial: { after: P9D }\n')
  const proposed = await borgen('overview', 'propose')
  assert.equal(proposed.code, 2)
  assert.match(proposed.stderr, /--by/)
})

test('what is vague is warned of, and what would change is said', async () => {
  const file = join(folder, 'vague.yaml')
  writeFileSync(
    file,
    'overview: 1\npromises:\n  encryption.fields:\n    says:\n      en: Keys are regularly renewed {rotate:every}.\n      sv: Nycklar förnyas {rotate:every}.\n',
  )
  const checked = await borgen('overview', 'check', file)
  assert.equal(checked.code, 0, checked.stderr)
  assert.match(checked.stderr, /vague\.yaml:5: .*\n {2}found {5}“regularly”/)
  assert.match(checked.stdout, /Proposing it would change:\n[\s\S]*worded anew/)
})

test('something is signed with a file, agreed to, listed and withdrawn', async () => {
  writeFileSync(join(folder, 'minutes.txt'), 'The board met and reviewed all risks.')
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)
  const words = ['--subject', 'risk register', '--statement', 'Reviewed by the board this month.']
  const sign = (...more: string[]) =>
    asProgram('attestation', 'sign', 'continuity.risk', ...words, '--by', 'ada@vendor.test', ...more)
  assert.equal((await sign('--until', '2026-02-30')).code, 2)
  assert.equal((await sign('--until', until, '--evidence', 'nothing.pdf')).code, 2)
  const signed = await sign('--until', until, '--evidence', 'minutes.txt', '--json')
  assert.equal(signed.code, 0, signed.stderr)
  const { attestation, approval } = signed.json()
  assert.equal(attestation.state, 'asked')
  const { code } = (await borgen('approve-code', approval.id, '--email', 'bob@vendor.test', '--json')).json()
  const approved = await borgen('approval', 'approve', approval.id, '--code', code)
  assert.equal(approved.code, 0, approved.stderr)
  const listed = await borgen('attestation', 'list', '--promise', 'continuity.risk')
  assert.match(listed.stdout, /continuity\.risk +all +risk register +ada +bob .*expiring/)
  assert.match(
    (await borgen('status')).stdout,
    /! What was signed of continuity\.risk \(risk register\) ends on/,
  )
  const withdrawn = await borgen('attestation', 'withdraw', attestation.id, '--reason', 'A mistake.')
  assert.equal(withdrawn.code, 0, withdrawn.stderr)
  assert.doesNotMatch((await borgen('status')).stdout, /What was signed/)
})

test('people are listed with what their passkeys lead back to; only the host vouches, for passkeys that there are', async () => {
  const listed = await borgen('person', 'list')
  assert.match(listed.stdout, /ada@vendor\.test.*owner.*none/)
  const early = await borgen('person', 'vouch', 'bob@vendor.test')
  assert.notEqual(early.code, 0)
  assert.match(early.stderr, /no passkey yet/)
  const program = await asProgram('person', 'vouch', 'bob@vendor.test')
  assert.equal(program.code, 4)
  assert.match(program.stderr, /Only somebody at the host/)
})
