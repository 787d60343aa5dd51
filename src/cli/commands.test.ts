import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { packRelease } from './pack-release.ts'
import { type Plane, startPlane } from './testing/plane.ts'
import { type Ran, run, seen } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'bcli-commands-'))
let plane: Plane
let env: NodeJS.ProcessEnv

before(async () => {
  plane = await startPlane()
  env = { BORGEN_DATA: plane.dataDir, XDG_STATE_HOME: join(folder, 'state') }
})
after(async () => {
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

const borgen = (...args: string[]): Promise<Ran> => run(args, { env, cwd: folder })
const person = (answers: string, ...args: string[]): Promise<Ran> => run(args, { env, cwd: folder, answers })
const signUp = (company: string, ...more: string[]) => [
  ...['account', 'sign-up', '--company', company, '--email', 'ann@acme.test', '--country', 'se'],
  ...more,
]

test('an app is added from its folder, from its manifest and from an archive, all the same', async () => {
  const app = join(folder, 'app')
  mkdirSync(join(app, '.git'), { recursive: true })
  writeFileSync(join(app, '.git', 'HEAD'), 'not for the release')
  writeFileSync(join(app, 'server.js'), 'serve()')
  symlinkSync('server.js', join(app, 'main.js'))
  const manifest = (version: string) =>
    `name: notes\nversion: ${version}\nstart: [node, server.js]\ndatabase: none\nlisten: { socket: SOCKET }\nhealth: /\n`
  writeFileSync(join(app, 'borgen.app.yaml'), manifest('1.0.0'))

  const added = await borgen('app', 'add', 'app', '--json')
  assert.equal(added.code, 0, added.stderr)
  assert.equal(added.json().app, 'notes')
  const files = join(plane.dataDir, 'releases', added.json().sha256)
  assert.equal(readFileSync(join(files, 'main.js'), 'utf8'), 'serve()')
  assert.equal(existsSync(join(files, '.git')), false)

  const again = await person('', 'app', 'add', 'app/borgen.app.yaml')
  assert.equal(again.code, 0)
  assert.match(seen(again.stdout), new RegExp(`notes 1\\.0\\.0[\\s\\S]*${added.json().release}`))

  writeFileSync(join(app, 'server.js'), 'serve(somethingElse)')
  const changed = await borgen('app', 'add', 'app', '--json')
  assert.equal(changed.code, 4)
  assert.match(changed.json().error.remedy, /new version/)

  const archive = join(folder, 'archived')
  mkdirSync(archive)
  writeFileSync(join(archive, 'release.tar'), 'this is no archive')
  writeFileSync(join(archive, 'borgen.app.yaml'), `${manifest('2.0.0')}release: release.tar\n`)
  assert.equal((await borgen('app', 'add', 'archived')).code, 2)
  writeFileSync(
    join(archive, 'release.tar'),
    await (await packRelease(app)).stream().toArray().then(Buffer.concat),
  )
  assert.equal((await borgen('app', 'add', 'archived')).code, 0)

  const list = await borgen('app', 'list')
  assert.match(list.stdout, /^APP +VERSION +SIZE/)
  assert.match(list.stdout, /^notes +2\.0\.0 /m)
})

test('each problem of a manifest is named with file, line, found, expected and remedy', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'name: Notes\nversion: 1.0.0\nstarts: [node]\n')
  const plain = await borgen('app', 'check', 'bad.yaml')
  assert.equal(plain.code, 2)
  assert.equal(plain.stdout, '')
  assert.match(
    plain.stderr,
    /^bad\.yaml:1: name\n {2}found {5}"Notes"\n {2}expected {2}lower-case.*\n {2}remedy /m,
  )
  assert.match(plain.stderr, /^bad\.yaml:3: starts\n/m)
  for (const command of ['check', 'add']) {
    const json = await borgen('app', command, 'bad.yaml', '--json')
    assert.equal(json.code, 2)
    assert.deepEqual(Object.keys(json.json().error.more.problems[0]), [
      'file',
      'line',
      'at',
      'found',
      'expected',
      'remedy',
    ])
  }
  assert.equal((await borgen('app', 'check', 'app')).stdout, 'app/borgen.app.yaml: fine\n')
})

test('a sign-up without a region proposes one, creates nothing and exits 4', async () => {
  const json = await borgen(...signUp('Acme'), '--json')
  assert.equal(json.code, 4)
  const { proposed, created, reason } = json.json()
  assert.deepEqual({ proposed, created }, { proposed: 'eu-frankfurt', created: false })
  assert.match(reason, /European Economic Area/)

  const plain = await borgen(...signUp('Acme'))
  assert.equal(plain.code, 4)
  assert.match(plain.stderr, /Nothing was created\. To confirm, add: --region eu-frankfurt/)

  const nowhere = await borgen(
    'account',
    'sign-up',
    '--company',
    'A',
    '--email',
    'a@b.test',
    '--country',
    'AQ',
    '--json',
  )
  assert.equal(nowhere.code, 4)
  assert.equal(nowhere.json().proposed, null)

  const declined = await person('no\n', ...signUp('Acme'))
  assert.equal(declined.code, 4)
  assert.deepEqual((await borgen('account', 'list', '--json')).json().items, [])
})

test('a sign-up with a region answers account, instance, url and owner; a person who confirms gets the same', async () => {
  const signedUp = await borgen(...signUp('Acme', '--region', 'eu-frankfurt', '--json'))
  assert.equal(signedUp.code, 0, signedUp.stderr)
  const { account, instance, url } = signedUp.json()
  assert.equal(account.slug, 'acme')
  assert.equal(instance.account, account.id)
  assert.equal(url, 'https://acme.eu-frankfurt.apps.localhost:8443')

  const confirmed = await person('y\n', ...signUp('Åkes Bygg AB', '--plan', 'free'))
  assert.equal(confirmed.code, 0, confirmed.stderr)
  assert.match(confirmed.stderr, /This cannot be changed later\. \[y\/N\]/)
  assert.match(seen(confirmed.stdout), /Address +https:[\s\S]*It runs\.\n$/)

  const waited = await borgen(
    ...signUp('Later', '--region', 'uk', '--start', 'on-first-request', '--wait', '--json'),
  )
  assert.equal(waited.json().instance.observed, 'asleep')

  const unknown = await borgen(...signUp('Acme', '--region', 'mars', '--json'))
  assert.equal(unknown.code, 2)
  assert.match(unknown.json().error.errors[0].expected, /eu-frankfurt/)

  const limited = (await borgen('account', 'list', '--limit', '2', '--json')).json()
  assert.equal(limited.items.length, 2)
  assert.equal(typeof limited.next, 'string')
  const shown = await borgen('account', 'show', 'acme')
  assert.match(shown.stdout, /account\.signed-up/)
})

test('an instance is put to sleep, woken, suspended and resumed; what does not fit its state is refused', async () => {
  const to = async (verb: string) =>
    (await borgen('instance', verb, 'acme', '--wait', '--json')).json().observed
  assert.equal(await to('wake'), 'awake')
  assert.equal(await to('sleep'), 'asleep')
  assert.equal(await to('suspend'), 'asleep')
  const refused = await borgen('instance', 'wake', 'acme')
  assert.equal(refused.code, 4)
  assert.match(refused.stderr, /^borgen: It is suspended; resume it first\.\n {2}\S/)
  assert.equal(await to('resume'), 'awake')
  assert.match((await borgen('instance', 'show', 'acme')).stdout, /^Is +awake$/m)
  assert.equal(
    (await borgen('instance', 'open', 'acme')).stdout,
    'https://acme.eu-frankfurt.apps.localhost:8443\n',
  )
  assert.match((await borgen('instance', 'list')).stdout, /^acme +awake +notes/m)
  const unknown = await borgen('instance', 'show', 'nobody', '--json')
  assert.deepEqual([unknown.code, unknown.json().error.code], [2, 'not_found'])
})

test('destroying shows its plan and wants the name typed', async () => {
  const plan = await borgen('instance', 'destroy', 'later')
  assert.equal(plan.code, 4)
  assert.match(plan.stderr, /Would be destroyed:\n {2}- its processes[\s\S]*Would stay:/)
  assert.match(plan.stderr, /borgen instance destroy later --confirm later/)
  const wrong = await borgen('instance', 'destroy', 'later', '--confirm', 'acme', '--json')
  assert.deepEqual([wrong.code, wrong.json().error.code], [4, 'confirmation_needed'])
  const mistyped = await person('latr\n', 'instance', 'destroy', 'later')
  assert.equal(mistyped.code, 4)
  assert.equal((await borgen('instance', 'show', 'later', '--json')).json().desired, 'asleep')

  const typed = await person('later\n', 'instance', 'destroy', 'later')
  assert.equal(typed.code, 0, typed.stderr)
  assert.match(seen(typed.stdout), /^Is +destroyed$/m)
})

test('the log is read, proved and verified', async () => {
  const tail = (await borgen('log', 'tail', '-n', '200', '--json')).json().items
  assert.deepEqual(
    tail.map((entry: { index: number }) => entry.index),
    tail.map((_: unknown, at: number) => at + tail[0].index),
  )
  const about = (
    await borgen('log', 'tail', '--subject', 'acme', '--type', 'account.signed-up', '--json')
  ).json().items
  assert.equal(about.length, 1)
  assert.match((await borgen('instance', 'logs', 'acme')).stdout, /account\.signed-up/)

  const proof = join(folder, 'entry.json')
  const proved = await borgen('log', 'prove', String(about[0].index), '--out', proof, '--json')
  assert.equal(proved.code, 0, proved.stderr)
  assert.equal(proved.json().verdict, 'verified')
  assert.equal(statSync(proof).mode & 0o777, 0o600)
  assert.equal(JSON.parse(readFileSync(proof, 'utf8')).format, 'borgen-event-1')
  assert.equal((await borgen('log', 'prove', '999999')).code, 2)
  const stranger = `other/log+00000000+${Buffer.alloc(33, 1).toString('base64')}`
  assert.ok([1, 3].includes((await borgen('log', 'prove', '0', '--key', stranger)).code))

  const verified = await borgen('log', 'verify', '--json')
  assert.equal(verified.code, 0, verified.stdout)
  const { verdict, tree, sealedEvents } = verified.json()
  assert.equal(verdict, 'verified')
  assert.equal(tree.size, tree.checkpoint.size)
  assert.equal(sealedEvents.isComplete, true)
  assert.match((await borgen('log', 'verify')).stdout, /Key +given, or seen here before[\s\S]*\nVerified: /)

  const copy = join(plane.dataDir, 'ledger')
  assert.equal((await borgen('log', 'verify', '--folder', copy)).code, 0)
  assert.equal((await borgen('log', 'verify', '--folder', join(folder, 'none'))).code, 2)
})

test('a log whose entry was changed on disk is named, with the place', async () => {
  await plane.stopLog()
  const copy = join(folder, 'copy')
  cpSync(join(plane.dataDir, 'ledger', 'tree'), copy, { recursive: true })
  await plane.startLog()
  const partials = join(copy, 'tile', 'entries', '000.p')
  const bundle = join(partials, readdirSync(partials).sort((a, b) => Number(b) - Number(a))[0]!)
  const bytes = readFileSync(bundle)
  bytes[40]! ^= 1
  writeFileSync(bundle, bytes)
  const verified = await borgen('log', 'verify', '--folder', copy, '--json')
  assert.equal(verified.code, 1)
  const damage = verified.json().tree.findings.find((one: { severity: string }) => one.severity === 'damage')
  assert.match(damage.file, /^tile\/entries\/000\.p\/\d+$/)
  assert.match(
    (await borgen('log', 'verify', '--folder', copy)).stdout,
    /^DAMAGE {2}tile\/entries\/000[\s\S]*not what was signed/m,
  )
})

test('tokens are created, shown once, listed and revoked; a link is made', async () => {
  const created = (
    await borgen('token', 'create', '--name', 'ci', '--scope', 'app.list,region.list', 'log.read', '--json')
  ).json()
  assert.deepEqual(created.scopes, ['app.list', 'region.list', 'log.read'])
  assert.match(created.token, /^bgn_/)
  const listed = await borgen('token', 'list')
  assert.ok(listed.stdout.includes(created.id) && !listed.stdout.includes(created.token))

  const limited = join(folder, 'limited')
  mkdirSync(limited)
  symlinkSync(join(plane.dataDir, 'run'), join(limited, 'run'))
  writeFileSync(join(limited, 'cli.token'), created.token)
  const asToken = (...args: string[]) => run([...args, '--data', limited], { env })
  assert.equal((await asToken('region', 'list')).code, 0)
  const forbidden = await asToken('account', 'list')
  assert.equal(forbidden.code, 4)
  assert.equal((await borgen('token', 'revoke', created.id)).code, 0)
  assert.equal((await asToken('region', 'list')).code, 4)

  const scope = await borgen('token', 'create', '--name', 'ci', '--scope', 'everything', '--json')
  assert.equal(scope.code, 2)
  assert.match(
    (await borgen('sign-in-link', '--email', 'eve@vendor.test')).stdout,
    /^https:\/\/console\.borgen\.localhost:8443\/sign-in\/bgl_/,
  )
})

test('while the log is down changes are refused with exit code 3, reads go on, nothing is half-made', async () => {
  await plane.stopLog()
  const refused = await borgen(...signUp('Nobody', '--region', 'uk', '--json'))
  assert.equal(refused.code, 3)
  assert.equal(refused.json().error.code, 'log_unavailable')
  assert.ok(refused.json().error.remedy)
  assert.equal((await borgen('log', 'verify')).code, 3)
  const status = await borgen('status', '--json')
  assert.deepEqual([status.code, status.json().log.state], [1, 'down'])
  assert.doesNotMatch((await borgen('account', 'list')).stdout, /Nobody/)
  await plane.startLog()
  assert.equal((await borgen(...signUp('Somebody', '--region', 'uk'))).code, 0)
  const well = await borgen('status')
  // nothing is broken, and without a prover no promise can be told
  assert.equal(well.code, 3, well.stdout)
  assert.match(well.stdout, /0 of 34 kept, 34 unknown/)
  assert.match(well.stdout, /^server +up /m)
})

test('a sign-up whose instance does not start still tells what was made, the password too', async () => {
  plane.faults.sick = () => 'out of luck'
  const json = await borgen(...signUp('Unlucky', '--region', 'uk', '--wait', '--json'))
  assert.equal(json.code, 1)
  const { code, more } = json.json().error
  assert.equal(code, 'instance_failed')
  assert.equal(more.account.slug, 'unlucky')
  const plain = await person('', ...signUp('Unlucky', '--region', 'uk'))
  assert.equal(plain.code, 1)
  assert.match(seen(plain.stdout), /Address +https:\/\/unlucky-2\.uk/)
  assert.match(plain.stderr, /The account was made, but: The instance failed/)
  delete plane.faults.sick
})

test('colours only where a person looks, never with NO_COLOR; tables fit into the terminal', async () => {
  assert.equal((await borgen('instance', 'list')).stdout.includes('\u001b'), false)
  const shown = await run(['instance', 'list'], { env, answers: '', columns: 60 })
  assert.ok(shown.stdout.includes('\u001b[32m'))
  for (const line of seen(shown.stdout).split('\n')) assert.ok(line.length <= 60, line)
  const plain = await run(['instance', 'list'], { env: { ...env, NO_COLOR: '1' }, answers: '' })
  assert.equal(plain.stdout.includes('\u001b'), false)
})

test('a log that was replaced by another of the same name is noticed', async () => {
  assert.equal((await borgen('log', 'verify')).code, 0)
  await plane.stopLog()
  rmSync(join(plane.dataDir, 'ledger'), { recursive: true })
  await plane.startLog()
  const replaced = await borgen('log', 'verify', '--json')
  assert.equal(replaced.code, 1, replaced.stdout)
  assert.ok(replaced.json().tree.findings.some((one: { code: string }) => one.code === 'checkpoint_ahead'))
})
