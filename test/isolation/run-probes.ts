/**
 * Runs every probe as the control, from an application's sandbox and from a database's, and writes one JSON line. Must
 * be started as root in a network and mount namespace of its own (see probes.test.ts).
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import { layout } from '../../src/kernel/layout.ts'
import { databasePlan } from '../../src/warden/database-sandbox.ts'
import { endSandbox, launchSandbox } from '../../src/warden/sandbox.ts'
import type { Mount } from '../../src/warden/sandbox-plan.ts'
import { readIdentity } from '../../src/warden/slots.ts'
import {
  addRelease,
  addScript,
  ask,
  codeDir,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../support/instances.ts'
import { linesOf, parseAnswers, probesFor, type Targets } from './probes.ts'
import { planted, plantSinks } from './sinks.ts'
import { sqlProbes } from './sql-probes.ts'

const probeScript = join(codeDir, 'src', 'warden', 'probes', 'probe.pl')

const { boot, dispose } = await makeWorld()
const { dataDir } = boot
const planeSockets = [
  layout.serverSocket(dataDir),
  layout.ledgerSocket(dataDir),
  layout.databaseSocket(dataDir),
]
const openFolder = join(dataDir, 'open-to-all')
for (const path of [...planeSockets, layout.rootKey(dataDir), join(layout.ledger(dataDir), 'tree', 'x')]) {
  await mkdir(dirname(path), { recursive: true })
}
await mkdir(openFolder, { mode: 0o777 })
await chmod(openFolder, 0o777)
for (const path of [
  layout.rootKey(dataDir),
  layout.config(dataDir),
  join(layout.ledger(dataDir), 'tree', 'checkpoint'),
  join(openFolder, 'plain'),
]) {
  await writeFile(path, 'planted')
  await chmod(path, 0o644)
}
const openSocket = join(openFolder, '.s.PGSQL.5432')
const sinks = await plantSinks([...planeSockets, openSocket])
const plane = spawn('/usr/bin/perl', ['-e', '$0; sleep 600', 'borgen-planted-plane-process'], {
  stdio: 'ignore',
})
const keyName = `borgen-planted-${process.pid}`
const planted_ = execFileSync('/usr/bin/perl', ['-e', plantScript(keyName)], { encoding: 'utf8' })
const shmKey = Number(planted_)

const belowUsr = plantBelowUsr()

const warden = await startTestWarden(boot, {
  slots: 1,
  without: {
    bubblewrap: process.argv.includes('--without-bubblewrap'),
    perl: process.argv.includes('--without-perl'),
  },
})
const results: {
  from: string
  name: string
  control: string
  reached: boolean
  controlReached: boolean
  detail: string
}[] = []
try {
  const driver = createLocalInstanceDriver({ dataDir })
  const victimSpec = specOf(await addRelease(dataDir, 'tiny'), {
    start: ['node', 'server.mjs', 'server.mjs-of-victim'],
  })
  const { socket } = await driver.writer.start(victimSpec)
  await ask(socket, '/visit?note=secret')
  const seen = await driver.reader.observe(victimSpec.instance)
  const pidOf = (role: string) => seen?.processes.find((one) => one.role === role)?.pid ?? 0
  const prober = await addProber(dataDir)
  const attackerSpec = specOf(prober, {
    start: ['node', 'prober.mjs'],
    limits: { memoryMiB: 512, cpus: 2, processes: 64, diskMiB: 512 },
  })
  const attacker = await driver.writer.start(attackerSpec)
  const targets = (ownFolder: string, rootPid = 1): Targets => ({
    rootPid,
    dataDir,
    victim: { instance: victimSpec.instance, pid: pidOf('app'), databasePid: pidOf('database') },
    planePid: plane.pid ?? 0,
    shmKey,
    keyName,
    ownFolder,
    belowUsr,
  })
  const victimFolder = warden.ground.places.instance(victimSpec.instance).files
  const control = parseAnswers(
    await asControl(linesOf(probesFor(targets(openFolder, plane.pid))), victimFolder),
  )
  const fromApp = parseAnswers(await post(attacker.socket, '/probe', linesOf(probesFor(targets('/files')))))
  const fromDatabase = parseAnswers(await inDatabaseSandbox(warden, linesOf(probesFor(targets('/pg/data')))))
  for (const [from, answers] of [
    ['application', fromApp],
    ['database', fromDatabase],
  ] as const) {
    for (const { name } of probesFor(targets('/'))) {
      const [inside, outside] = [answers.get(name), control.get(name)]
      results.push({
        from,
        name,
        control: outside?.detail ?? 'did not run',
        controlReached: outside?.reached ?? false,
        reached: inside?.reached ?? true,
        detail: inside?.detail ?? 'did not run',
      })
    }
  }
  const descriptors = await post(attacker.socket, '/descriptors', '')
  results.push(...(await sqlProbes({ boot, warden, openFolder, sinks, planted, openSocket, prober })))
  process.stdout.write(`${JSON.stringify({ results, descriptors, limits: seen?.limits })}\n`)
} finally {
  await warden.close()
  plane.kill('SIGKILL')
  sinks.close()
  execFileSync('/usr/bin/perl', ['-e', `my $id = shmget(${shmKey}, 0, 0); shmctl($id, 0, 0) if defined $id`])
  await dispose()
}
process.exit(0)

/** Plants a key in the user's keyring and a segment of shared memory, and prints the segment's key. */
function plantScript(name: string): string {
  const addKey = process.arch === 'x64' ? 248 : 217
  const setPermission = process.arch === 'x64' ? 250 : 219
  return `my ($t,$d,$v)=('user','${name}','x'); my $k=syscall(${addKey},$t,$d,$v,1,-4); syscall(${setPermission},5,$k,0x3f3f3f3f);
    my $key=${process.pid}; shmget($key,4096,0666|01000) // die "$!"; print $key`
}

/**
 * Mounts below /usr, in this namespace only, as machines have them (overlays, images, a file of a container's): with
 * flags that no user namespace may drop, one below the other, a blank in the name.
 */
function plantBelowUsr(): string {
  const top = ['/usr/local/src', '/usr/local/games', '/usr/src'].find((path) => existsSync(path))
  if (!top) throw new Error('no folder below /usr that nothing runs from')
  execFileSync('/bin/sh', [
    '-euc',
    `mount -t tmpfs -o noexec,mode=755 tmpfs "$1"
    mkdir "$1/a b\\c"; mount -t tmpfs -o nosuid,nodev,noatime,mode=1777 tmpfs "$1/a b\\c"
    : > "$1/file"; : > "$1/a b\\c/source"; chmod 666 "$1/a b\\c/source"
    mount --bind "$1/a b\\c/source" "$1/file"`,
    'sh',
    top,
  ])
  return join(top, 'a b\\c')
}

/** As root, with everything in sight: what a probe cannot reach here it could not have seen anywhere. */
async function asControl(lines: string, victimFolder: string): Promise<string> {
  // Names of hosts and mounts are changed, and one mount is planted, in namespaces of the control's own.
  const script = `mount --bind "${victimFolder}" "${openFolder}/mounted" && exec /usr/bin/perl "${probeScript}"`
  await mkdir(join(openFolder, 'mounted'))
  const child = spawn('unshare', ['--uts', '--mount', '/bin/sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stdin.end(lines)
  await once(child, 'close')
  return said
}

async function addProber(folder: string): Promise<string> {
  const source = join(import.meta.dirname, '..', 'support', 'apps', 'prober')
  const hash = await addScript(folder, 'prober.mjs', readFileSync(join(source, 'prober.mjs'), 'utf8'))
  await copyFile(probeScript, join(layout.release(folder, hash), 'probe.pl'))
  return hash
}

async function post(socketPath: string, path: string, body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const asked = request({ socketPath, path, method: 'POST', headers: { host: 'localhost' } }, (answer) => {
    let said = ''
    answer.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    answer.on('end', () => resolve(said))
  })
  asked.on('error', reject)
  asked.end(body)
  return promise
}

/** The sandbox of a database, with perl mounted into it so that something can try: native code run by PostgreSQL. */
async function inDatabaseSandbox(under: TestWarden, lines: string): Promise<string> {
  const driver = createLocalInstanceDriver({ dataDir })
  const spec = specOf(await addRelease(dataDir, 'tiny'))
  await driver.writer.start(spec)
  await driver.writer.stop(spec.instance)
  const { ground } = under
  const folder = ground.places.instance(spec.instance)
  const owner = await readIdentity(folder)
  if (!owner) throw new Error('the instance has no identity')
  const outputFile = join(dataDir, 'probe-output')
  const output = openSync(outputFile, 'w')
  const plan = databasePlan(ground.database, folder)
  const sandbox = await launchSandbox({
    plan: {
      ...plan,
      mounts: [...plan.mounts, ...perlMounts(), { kind: 'read-only', from: probeScript, to: '/probe.pl' }],
      command: ['/usr/bin/perl', '/probe.pl'],
    },
    machine: ground.machine,
    owner,
    stdout: output,
    stderr: output,
    input: lines,
    statFile: ground.places.statOf(spec.instance, 'database'),
    lockFile: ground.places.lockOf(spec.instance, 'database'),
    cgroups: [],
    limits: { fileSizeMiB: 64 },
    marker: ground.markerOf(spec.instance),
  })
  await sandbox.ended
  await endSandbox(sandbox, 'SIGKILL', 0)
  closeSync(output)
  return readFileSync(outputFile, 'utf8')
}

function perlMounts(): Mount[] {
  const linked = execFileSync('/usr/bin/ldd', ['/usr/bin/perl'], { encoding: 'utf8' })
  const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '')
  const base = dirname(
    execFileSync('/usr/bin/perl', ['-MSocket', '-e', 'print $INC{"Socket.pm"}'], { encoding: 'utf8' }),
  )
  return ['/usr/bin/perl', base, ...libraries].map((path) => ({ kind: 'read-only', from: path, to: path }))
}
