import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { uidsSchema } from '../../src/kernel/boot.ts'
import { layout } from '../../src/kernel/layout.ts'
import { createLedgerClient } from '../../src/ledger/client/client.ts'
import { openRootKms, openSecrets } from '../../src/supervisor/sealed-secrets.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'
import { linesOf, type Probe, parseAnswers } from './probes.ts'
import { attempt, everythingIn, plant, type Trier } from './stores-files.ts'
import { filesUnder, search } from './stores-search.ts'

const checkout = resolve(import.meta.dirname, '../..')
const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin) % 1_000_000)
const isRoot = process.getuid?.() === 0
const skip = isRoot
  ? false
  : 'declared: started by an ordinary user everything has one uid, and no user is kept from another'

const dataDir = worldFolder()
const ledger = layout.ledger(dataDir)
const scratch = mkdtempSync(join(tmpdir(), 'borgen-stores-'))
const planted = [
  'Zebrafinch-Quagga-7731',
  'nobody@quokka-planted.test',
  'Quokkaworks Planted AB',
  'planted-in-the-log-4815',
]
let world: RunningWorld
let customers: { url: string; email: string; password: string }[]

before(async () => {
  world = startWorld(dataDir, { args: ['--demo'] })
  await world.said(fullyUp)
  customers = z
    .array(z.object({ url: z.string(), email: z.string(), password: z.string() }))
    .parse(JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8')))
})
after(async () => {
  if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
  clearWorld(dataDir)
  rmSync(scratch, { recursive: true, force: true })
})

/** A secret of the world, as only who has its root key can open it. */
async function secretOf(name: string): Promise<string> {
  const { worldId } = world.config()
  const makers = { [name]: () => assert.fail(`${name} is not there`) }
  const kms = openRootKms(dataDir, worldId)
  return (await openSecrets({ dataDir, worldId, kms, makers, made: [name], remember: () => {} }))[name]!
}
const verifyCopy = (folder: string, ...more: string[]) =>
  spawnSync(
    process.execPath,
    [
      join(checkout, 'verify', 'bin', 'borgen-verify.mjs'),
      'log',
      folder,
      '--key',
      join(ledger, 'tree', 'vkey'),
      ...more,
    ],
    { encoding: 'utf8' },
  )
function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  writeFileSync(file, bytes)
}

describe('the log shows nothing of what it holds, and everything that is done to it', () => {
  test('a contact, a document, an account and 300 events with planted text are taken', async () => {
    const { url, email, password } = customers[0]!
    const headers = { 'content-type': 'application/json' }
    const signedIn = await fetchThroughEdge(dataDir, `${url}/api/sign-in`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ email, password }) },
    })
    const { token } = z.object({ token: z.string() }).parse(JSON.parse(signedIn.text))
    const contact = await fetchThroughEdge(dataDir, `${url}/api/contacts`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: JSON.stringify({ givenName: 'Planted', familyName: planted[0], email: planted[1] }),
    })
    assert.equal(contact.status, 201, contact.text)
    const made = await runCli(dataDir, [
      ...['account', 'sign-up', '--company', planted[2]!, '--email', planted[1]!, '--country', 'SE'],
      ...['--region', 'eu-frankfurt', '--json'],
    ])
    assert.equal(made.code, 0, made.stderr)
    const client = createLedgerClient({
      socketPath: layout.ledgerSocket(dataDir),
      token: await secretOf('ledgerTokenServer'),
    })
    const entries = Array.from({ length: 300 }, (_, i) => ({
      ...{ key: `${planted[3]}-${i}`, stream: 'event' as const, subject: 'plane', region: 'eu-frankfurt' },
      ...{ type: 'text.planted', event: { text: planted[3], of: planted[0], i } },
    }))
    assert.equal((await client.append(entries)).length, 300)
    assert.ok(
      (await client.read({ limit: 1000 })).entries.some(({ event }) =>
        JSON.stringify(event).includes(planted[2]!),
      ),
    )
  })

  test('`borgen log verify` passes', async () => {
    const { code, stdout, stderr } = await runCli(dataDir, ['log', 'verify'])
    assert.equal(code, 0, stdout + stderr)
  })

  test('a raw search of every file of the log finds none of it; the same search finds it where it is plain', async (t) => {
    await until('published', () => existsSync(join(ledger, 'tree', 'tile', '1')))
    const files = filesUnder(ledger)
    for (const kind of [
      /^tree\/tile\/entries\/000$/,
      /^tree\/tile\/0\/000$/,
      /\.seg$/,
      /\.journal$/,
      /\.fp$/,
      /^keys\/.*\.json$/,
    ])
      assert.ok(
        files.some((file) => kind.test(file)),
        `${kind} is among what is searched`,
      )
    t.diagnostic(
      `${files.length} files, ${files.reduce((sum, file) => sum + statSync(join(ledger, file)).size, 0)} bytes`,
    )
    assert.deepEqual(search(ledger, planted), [])
    const found = (folder: string, text: string) =>
      assert.ok(search(folder, [text]).length > 0, `the search finds ${text} in ${folder}`)
    // The CRM's own database and the plane's hold it in the clear; the search sees that.
    const databases = readdirSync(layout.instances(dataDir)).map((id) =>
      join(layout.instances(dataDir), id, 'pg'),
    )
    assert.ok(databases.some((folder) => search(folder, [planted[0]!]).length > 0))
    found(layout.planePostgres(dataDir), planted[2]!)
    cpSync(ledger, join(scratch, 'decoyed'), { recursive: true })
    for (const [i, form] of [
      planted[3]!,
      Buffer.from(`xx${planted[3]}yyy`).toString('base64'),
      Buffer.from(planted[3]!, 'utf16le'),
      Buffer.from(planted[3]!).toString('hex'),
    ].entries()) {
      const decoy = join(scratch, 'decoyed', 'tree', 'tile', 'entries', `decoy-${i}`)
      writeFileSync(decoy, Buffer.concat([Buffer.alloc(5000, 7), Buffer.from(form), Buffer.alloc(99, 7)]))
      assert.deepEqual(search(join(scratch, 'decoyed'), planted), [
        `tree/tile/entries/decoy-${i}: ${planted[3]}`,
      ])
      rmSync(decoy)
    }
  })

  test('one flipped byte of a copy: the offline verifier names the file and exits 1', () => {
    const copy = join(scratch, 'copy')
    cpSync(join(ledger, 'tree'), copy, { recursive: true })
    const whole = verifyCopy(copy)
    assert.equal(whole.status, 0, whole.stdout + whole.stderr)
    const public_ = filesUnder(copy).filter((file) => !file.startsWith('journal/'))
    assert.ok(public_.length >= 7, public_.join(' '))
    for (const file of public_)
      for (const at of [0, 100, -33]) {
        const path = join(copy, file)
        if (statSync(path).size < Math.abs(at) + 1) continue
        const good = readFileSync(path)
        flip(path, at)
        const damaged = verifyCopy(copy)
        assert.equal(damaged.status, 1, `${file} byte ${at}: ${damaged.stdout}${damaged.stderr}`)
        assert.ok(damaged.stdout.includes(`DAMAGE  ${file}`), `${file} byte ${at}: ${damaged.stdout}`)
        const named = new Set(damaged.stdout.match(/^DAMAGE {2}[^,\s]+/gm))
        assert.equal(named.size, 1, `${file} byte ${at}, and no other file: ${damaged.stdout}`)
        writeFileSync(path, good)
      }
    assert.equal(verifyCopy(copy).status, 0)
  })

  // Without keys nobody can tell a ciphertext from another: segments are compared by the log itself.
  test('one flipped byte of the running log: `borgen log verify` names the file, each time, and exits 1', async () => {
    const files = filesUnder(ledger)
    const one = (kind: RegExp) => files.find((file) => kind.test(file)) ?? assert.fail(`no ${kind}`)
    const kinds = [/^tree\/tile\/0\/\d+$/, /^tree\/tile\/entries\/\d+$/, /\/plane\/.*\.seg$/]
    for (const file of kinds.map(one)) {
      const path = join(ledger, file)
      const at = statSync(path).size - 40
      flip(path, at)
      for (const look of ['first', 'second']) {
        const { code, stdout } = await runCli(dataDir, ['log', 'verify'])
        assert.equal(code, 1, `${file}, ${look} look: ${stdout}`)
        assert.ok(stdout.includes(`DAMAGE  ${file}`), `${file}, ${look} look: ${stdout}`)
        assert.match(stdout, /Put the file back/)
      }
      flip(path, at)
    }
    const { code, stdout } = await runCli(dataDir, ['log', 'verify'])
    assert.equal(code, 0, stdout)
  })
})

describe('from an instance and from the users of the plane', { skip }, () => {
  if (!isRoot) return
  let triers: Trier[]
  let insideApp: Trier
  let seen: string
  let code: string
  let instances: string[]
  const strayed: ChildProcess[] = []
  after(() => {
    for (const child of strayed) child.kill('SIGKILL')
  })

  before(async () => {
    // Awake, however long the tests before it took.
    assert.equal((await fetchThroughEdge(dataDir, `${customers[0]!.url}/api/session`)).status < 500, true)
    const { uids } = z
      .object({ uids: uidsSchema })
      .parse(JSON.parse(readFileSync(layout.config(dataDir), 'utf8')))
    assert.ok(uids.distinct, 'root gives every process a user of its own')
    const server = world.pidOf('server')
    const isPrivate = existsSync(`/proc/${server}/root/run/borgen/data/config.json`)
    seen = isPrivate ? '/run/borgen/data' : dataDir
    code = isPrivate ? '/run/borgen/code' : checkout
    instances = readdirSync(layout.instances(dataDir))
    const ofPlane = (name: 'server' | 'worker' | 'edge' | 'prover' | 'database' | 'ledger'): Trier => ({
      ...{ name, uid: uids[name], gid: uids[name], inNamespacesOf: server },
      groups: name === 'database' ? [] : [uids.plane],
    })
    const uidOf = (id: string) => statSync(join(layout.instance(dataDir, id), 'files')).uid
    const ofInstance = instances.map((id) => ({
      ...{ name: id, uid: uidOf(id), gid: uidOf(id) },
      groups: [],
      inNamespacesOf: server,
    }))
    triers = [
      ...(['server', 'worker', 'edge', 'prover', 'database', 'ledger'] as const).map(ofPlane),
      ...ofInstance,
    ]
    const app = ofInstance.flatMap((one) => {
      const pid = appProcessOf(one.uid)
      return pid === undefined ? [] : [{ ...one, name: `inside ${one.name}`, inNamespacesOf: pid }]
    })
    assert.ok(app[0], 'an instance is awake')
    insideApp = app[0]
  })

  /** What each user owns, and may therefore do with as it likes: nobody else's, and nothing of the log but the log's own user. */
  const ownPlaces: Record<string, RegExp> = {
    server: /^(cache\/server|run\/server|releases|evidence)(\/|$)/,
    worker:
      /^((cache\/worker|run\/worker|keyring)(\/|$)|run\/warden\/warden\.sock$|instances\/[^/]+\/egress(\/|$)|warden\/pool\/[^/]+\/egress(\/|$))/,
    edge: /^(cache\/edge|run\/edge|edge)(\/|$)/,
    prover: /^run\/warden\/probe\.sock$/,
    database: /^(cache\/database|run\/db|plane\/pg)(\/|$)/,
    ledger: /^(cache\/ledger|run\/ledger|ledger)(\/|$)/,
  }
  /** The worker carries an instance's output into the log and frees the room of what it carried. */
  const mayFreeOutput =
    /\/instances\/[^/]+\/log\/(app\.out|app\.err|database\.log)\t(open for writing|open for appending|truncate|hard link)\t/

  const isBulk =
    /^(cache|postgres|warden\/(pool|compile-caches|templates)|plane\/pg|instances\/[^/]+\/pg)\/[^/]+\/[^/]+\//

  test('no file or folder that is not its own can be changed, replaced or deleted; the same tries at its own succeed', async (t) => {
    const all = everythingIn(dataDir)
    for (const place of [
      'ledger/tree/checkpoint',
      'ledger/tree/vkey',
      'keys/root.key',
      'plane/pg/PG_VERSION',
      'config.json',
    ])
      assert.ok(
        all.some(({ path }) => path === place),
        `${place} is tried`,
      )
    for (const kind of [
      /^ledger\/regions\/.*\.seg$/,
      /^ledger\/keys\/.*\.json$/,
      /\.journal$/,
      /^keyring\/.*\.json$/,
      /^releases\/[0-9a-f]{64}\//,
      /^secrets\//,
    ])
      assert.ok(
        all.some(({ path }) => kind.test(path)),
        `${kind} is tried`,
      )
    for (const trier of triers) {
      const own = `stores-probe-${trier.uid}`
      const paths = await plant(join(dataDir, own), trier.uid)
      try {
        const control = attempt(trier, join(seen, own), join(seen, own), paths)
        assert.deepEqual([control.attempts, control.refused], [18, 0], `${trier.name}: the tries work`)
        const owned = all.filter(({ uid }) => uid === trier.uid).map(({ path }) => path)
        const allowed = ownPlaces[trier.name] ?? new RegExp(`^instances/${trier.name}/(db|files|pg|run)(/|$)`)
        assert.deepEqual(
          owned.filter((path) => !allowed.test(path)),
          [],
          `${trier.name} owns nothing else`,
        )
        // Of the many alike, every one only for the two whom the issue names.
        const isEvery = ['server', 'worker'].includes(trier.name)
        const tries = isEvery ? all : all.filter(({ path }) => !isBulk.test(path))
        const foreign = tries.filter(({ uid }) => uid !== trier.uid).map(({ path }) => path)
        const tried = attempt(trier, seen, join(seen, own), foreign)
        assert.ok(tried.attempts > 8 * foreign.length)
        const worst = tried.notRefused.filter((line) => trier.name !== 'worker' || !mayFreeOutput.test(line))
        assert.deepEqual(worst, [], `${trier.name} could do this`)
        t.diagnostic(
          `${trier.name}: ${tried.attempts} tries at ${foreign.length} paths, ${tried.refused} refused`,
        )
      } finally {
        rmSync(join(dataDir, own), { recursive: true, force: true })
      }
    }
  })

  test('from inside the sandbox of an instance none of it is even there', async (t) => {
    const files = join(layout.instance(dataDir, insideApp.name.slice('inside '.length)), 'files')
    const paths = await plant(join(files, 'stores-probe'), insideApp.uid)
    const control = attempt(insideApp, '/files/stores-probe', '/files/stores-probe', paths)
    assert.deepEqual([control.attempts, control.refused], [18, 0], 'the tries work')
    const all = everythingIn(dataDir).flatMap(({ path }) => (isBulk.test(path) ? [] : [path]))
    await plant(join(files, 'stores-probe'), insideApp.uid)
    const stores = all.filter((path) => /^(ledger|keyring|keys|secrets|config\.json)/.test(path))
    for (const folder of [seen, dataDir, `/proc/1/root${seen}`, `/files/../../../..${seen}`]) {
      const tried = attempt(insideApp, folder, '/files/stores-probe', folder === seen ? all : stores)
      assert.deepEqual(tried.notRefused, [], folder)
      t.diagnostic(`${folder}: ${tried.attempts} tries, ${tried.refused} refused`)
    }
    rmSync(join(files, 'stores-probe'), { recursive: true, force: true })
  })

  test('the ledger and the other processes can be neither signalled, traced nor read', () => {
    const targets = ['ledger', 'database', 'warden', 'server', 'worker', 'edge'].map((name) => ({
      name,
      pid: world.pidOf(name),
    }))
    targets.push({ name: 'supervisor', pid: world.record().supervisor.pid })
    const probesOf = (name: string, pid: number): Probe[] => [
      { name: `${name} signal`, kind: 'signal', args: [pid] },
      { name: `${name} ptrace`, kind: 'ptrace', args: [pid] },
      { name: `${name} vmread`, kind: 'vmread', args: [pid] },
      { name: `${name} mem`, kind: 'write', args: [`/proc/${pid}/mem`] },
      { name: `${name} environ`, kind: 'read', args: [`/proc/${pid}/environ`] },
      { name: `${name} descriptors`, kind: 'list', args: [`/proc/${pid}/fd`] },
      { name: `${name} root`, kind: 'list', args: [`/proc/${pid}/root`] },
    ]
    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' })
    strayed.push(sleeper)
    const root = { uid: 0, gid: 0, groups: [], inNamespacesOf: world.pidOf('server') }
    const control = parseAnswers(runAs(root, 'perl', [], linesOf(probesOf('sleeper', sleeper.pid!))))
    for (const { name } of probesOf('sleeper', 0))
      assert.ok(control.get(name)?.reached, `${name}: ${control.get(name)?.detail}`)
    for (const trier of triers) {
      const others = targets.filter(({ name }) => name !== trier.name)
      const probes = others.flatMap(({ name, pid }) => probesOf(name, pid))
      const answers = parseAnswers(runAs(trier, 'perl', [], linesOf(probes)))
      for (const { name } of probes)
        assert.equal(answers.get(name)?.reached, false, `${trier.name}: ${name} ${answers.get(name)?.detail}`)
    }
  })

  test("the log's socket is for the plane, the warden's for the worker and the prover, and none for an instance", () => {
    const sockets = {
      ledger: 'run/ledger/ledger.sock',
      warden: 'run/warden/warden.sock',
      probes: 'run/warden/probe.sock',
      database: 'run/db/.s.PGSQL.5432',
      server: 'run/server/server.sock',
    }
    const reached = triers.map((trier) => {
      const probes = Object.entries(sockets).map(([name, path]) => ({
        name,
        kind: 'unix',
        args: [join(seen, path)],
      }))
      const answers = parseAnswers(runAs(trier, 'perl', [], linesOf(probes)))
      assert.equal(answers.size, 5)
      const name = instances.includes(trier.name) ? 'instance' : trier.name
      return `${name}: ${Object.keys(sockets).filter((one) => answers.get(one)?.reached)}`
    })
    assert.deepEqual(
      [...new Set(reached)],
      [
        'server: ledger,database,server',
        'worker: ledger,warden,database,server',
        'edge: ledger,database,server',
        'prover: ledger,probes,database,server',
        'database: database',
        'ledger: ledger,database,server',
        'instance: ',
      ],
    )
  })

  test("the plane's credentials can append and read, nothing else, whatever is asked", async (t) => {
    t.diagnostic(`SEED=${seed}`)
    const before = join(scratch, 'before.checkpoint')
    cpSync(join(ledger, 'tree', 'checkpoint'), before)
    const ran = runAs(
      trierNamed('server'),
      'node',
      ['stores-ledger-fuzz.ts'],
      JSON.stringify({
        socketPath: join(seen, 'run/ledger/ledger.sock'),
        tokens: { server: await secretOf('ledgerTokenServer'), worker: await secretOf('ledgerTokenWorker') },
        ...{ runs: 3000, seed },
      }),
    )
    const said = z
      .object({
        asked: z.number(),
        successes: z.record(z.string(), z.number()),
        controls: z.record(z.string(), z.number()),
        uid: z.number(),
      })
      .parse(JSON.parse(ran))
    assert.equal(said.uid, trierNamed('server').uid)
    assert.deepEqual(said.controls, { server: 200, worker: 200 })
    for (const what of Object.keys(said.successes))
      assert.match(
        what,
        /^(server|worker|fuzz) (GET|HEAD) \/(entries(\/0\/export)?|checkpoint|tile\/(0|entries)\/000|health|fsck)$/,
      )
    assert.ok(said.asked > 6000)
    t.diagnostic(`${said.asked} requests; answered: ${Object.keys(said.successes).join(', ')}`)
    const verified = await runCli(dataDir, ['log', 'verify', '--checkpoint', before])
    assert.equal(verified.code, 0, verified.stdout)
  })

  test('the warden takes a start, a stop and a destroy, from the worker, and nothing else', async (t) => {
    t.diagnostic(`SEED=${seed}`)
    const instance = instances.find((id) => insideApp.name.endsWith(id))!
    const token = await secretOf('wardenToken')
    const release = readdirSync(layout.releases(dataDir))[0]!
    const given = (runs: number, valid: object[]) =>
      JSON.stringify({
        socketPath: join(seen, 'run/warden/warden.sock'),
        token,
        instance,
        release,
        runs,
        seed,
        valid,
      })
    const saidSchema = z.object({
      ...{ uid: z.number(), connected: z.boolean() },
      ...{ error: z.string().optional(), refused: z.number().optional() },
      ...{ accepted: z.array(z.string()).optional(), controls: z.array(z.string()).optional() },
    })
    for (const name of ['server', 'edge', 'prover', 'database', 'ledger', instance]) {
      const said = saidSchema.parse(
        JSON.parse(runAs(trierNamed(name), 'node', ['stores-warden-fuzz.ts'], given(1, []))),
      )
      assert.deepEqual([said.connected, said.error], [false, 'EACCES'], name)
    }
    const before = standing()
    const pid = appProcessOf(insideApp.uid)
    const said = saidSchema.parse(
      JSON.parse(runAs(trierNamed('worker'), 'node', ['stores-warden-fuzz.ts'], given(3000, []))),
    )
    assert.equal(said.uid, trierNamed('worker').uid)
    assert.deepEqual(said.accepted, [])
    assert.equal(said.refused, 3000)
    assert.deepEqual(standing(), before, 'nothing is there that was not, and nothing is gone')
    assert.equal(appProcessOf(insideApp.uid), pid, 'the instance still runs')
    // The control: in the exact form it is done.
    const stop = saidSchema.parse(
      JSON.parse(
        runAs(
          trierNamed('worker'),
          'node',
          ['stores-warden-fuzz.ts'],
          given(1, [{ request: 'stop', token, instance }]),
        ),
      ),
    )
    assert.deepEqual(stop.controls, ['{"ok":true,"result":{}}'])
    await until(
      'the instance was stopped',
      () => appProcessOf(insideApp.uid) === undefined || appProcessOf(insideApp.uid) !== pid,
    )
  })

  test('the warden probes for the prover, with its own token, and does nothing else for it', async () => {
    const instance = instances.find((id) => insideApp.name.endsWith(id))!
    const [workers, provers] = [await secretOf('wardenToken'), await secretOf('probeWardenToken')]
    const probe = { request: 'probe', kind: 'inventory', store: 'data-folder' }
    const send = (as: string, socket: string, token: string, runs: number, valid: object[]) => {
      const socketPath = join(seen, 'run/warden', socket)
      const given = { socketPath, token, instance, release: '0'.repeat(64), runs, seed, valid }
      const said = runAs(trierNamed(as), 'node', ['stores-warden-fuzz.ts'], JSON.stringify(given))
      return JSON.parse(said) as { connected: boolean; accepted: string[]; controls: string[] }
    }
    for (const name of ['server', 'edge', 'worker', 'ledger', instance])
      assert.equal(send(name, 'probe.sock', provers, 1, []).connected, false, name)
    const started = join(dataDir, 'warden', 'running', `${instance}.json`)
    await until('what was stopped above is started', () => existsSync(started))
    const before = standing()
    const said = send('prover', 'probe.sock', provers, 1000, [
      ...['stop', 'destroy'].map((request) => ({ request, token: provers, instance })),
      { ...probe, token: workers },
    ])
    assert.deepEqual(said.accepted, [])
    for (const answer of said.controls) assert.match(answer, /^{"ok":false/)
    const exact = () => send('prover', 'probe.sock', provers, 1, [{ ...probe, token: provers }]).controls
    await until('a place is free and it is done', () => /^{"ok":true/.test(exact().join()))
    const { controls } = send('worker', 'warden.sock', workers, 1, [{ ...probe, token: workers }])
    assert.match(controls.join(), /^{"ok":false/)
    assert.deepEqual(standing(), before, 'nothing is there that was not, and nothing is gone')
  })

  const trierNamed = (name: string) => triers.find((one) => one.name === name) ?? assert.fail(name)

  /** Runs the prober, or one of the programs beside this file, as a user in the namespaces where the plane's paths are. */
  function runAs(
    trier: Omit<Trier, 'name'>,
    program: 'perl' | 'node',
    args: string[],
    input: string,
  ): string {
    const { uid, gid, groups, inNamespacesOf } = trier
    const here = join(code, 'test', 'isolation')
    const node = process.execPath.startsWith(checkout)
      ? join(code, process.execPath.slice(checkout.length))
      : process.execPath
    const command =
      program === 'perl'
        ? ['/usr/bin/perl', join(code, 'src', 'warden', 'probes', 'probe.pl')]
        : [node, join(here, args[0]!)]
    const who = [
      '--reuid',
      `${uid}`,
      '--regid',
      `${gid}`,
      ...(groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']),
    ]
    const ran = spawnSync(
      'nsenter',
      ['-t', `${inNamespacesOf}`, '--mount', '--', 'setpriv', ...who, ...command],
      {
        ...{ input, encoding: 'utf8', cwd: '/', maxBuffer: 64 * 1024 * 1024, timeout: 120_000 },
        env: { PATH: process.env.PATH },
      },
    )
    assert.equal(ran.status, 0, ran.stderr + ran.stdout)
    return ran.stdout
  }

  /** What the warden could have made, removed or replaced, by name, size and time. */
  function standing(): string[] {
    const isKept = (path: string) =>
      /^(keys|secrets|keyring|releases|config\.json|warden\/(running|templates|postgres-conf|inside))/.test(
        path,
      ) || /^instances\/[^/]+(\/identity\.json|\/(pg|files|db|run|log))?$/.test(path)
    return everythingIn(dataDir).flatMap(({ path, uid }) => {
      if (!isKept(path)) return []
      const stat = statSync(join(dataDir, path), { throwIfNoEntry: false })
      // Times of folders in which an instance works change by themselves.
      const isBusy = /^instances\/[^/]+\/(pg|files|db|run|log)$/.test(path)
      return stat ? [`${path} ${uid} ${stat.mode} ${isBusy ? '' : `${stat.size} ${stat.mtimeMs}`}`] : []
    })
  }
})

/** The application's process of an instance's user: the one in a process namespace of its own that runs Node. */
function appProcessOf(uid: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return statSync(`/proc/${pid}`).uid === uid && /\/node$/.test(readlinkSync(`/proc/${pid}/exe`))
      } catch {
        return false
      }
    })
}
