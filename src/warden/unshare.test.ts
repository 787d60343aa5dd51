import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import {
  addScript,
  ask,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../../test/support/instances.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'

/** Answers with what it was given and what the kernel says of its mounts. */
const tells = `import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
createServer((request, answer) => answer.end(JSON.stringify({
  environment: process.env, mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
}))).listen(process.env.SOCKET_PATH)`

const environment = { PERL5LIB: '/app', PERL5OPT: '-MTakeOver', QUOTED: `a 'b' "c" $d \`e\`\n\\f` }
const toldSchema = z.object({ environment: z.record(z.string(), z.string()), mounts: z.string() })

let dispose: () => Promise<void>
let warden: TestWarden
let instance: string
let socket: string
let told: z.infer<typeof toldSchema>

before(async () => {
  const world = await makeWorld()
  dispose = world.dispose
  // Where the kernel names mounts with escapes.
  const dataDir = join(world.boot.dataDir, 'a b\\c')
  await mkdir(join(dataDir, 'run', 'warden'), { recursive: true })
  await chmod(dataDir, 0o755)
  warden = await startTestWarden({ ...world.boot, dataDir }, { slots: 0, without: { bubblewrap: true } })
  const release = await addScript(dataDir, 'server.mjs', tells)
  // A module that perl would load before anything else.
  const takeOver = `package TakeOver; open(my $f, '>', '/files/taken-over'); 1;`
  writeFileSync(join(dataDir, 'releases', release, 'TakeOver.pm'), takeOver)
  const spec = specOf(release, { database: 'none', environment })
  instance = spec.instance
  socket = (await createLocalInstanceDriver({ dataDir }).writer.start(spec)).socket
  told = toldSchema.parse((await ask(socket, '/')).body)
})
after(async () => {
  await warden?.close()
  await dispose?.()
})

test('the socket is for the group of its folder', () => {
  assert.equal(statSync(socket).mode & 0o777, 0o770)
})

test('every mount has the flags of its kind', () => {
  const flags = new Map(told.mounts.split('\n').map((line) => [line.split(' ')[4], line.split(' ')[5]]))
  for (const path of ['/', '/usr', '/etc', '/app', '/opt/node/bin', '/opt/borgen'])
    assert.match(flags.get(path) ?? '', /^ro,nosuid,nodev/, path)
  for (const path of ['/files', '/run/app']) assert.match(flags.get(path) ?? '', /^rw,nosuid,nodev/, path)
})

test('no process of it has a power, and each has the filter', { skip: !existsSync('/usr/bin/perl') }, () => {
  // Outside stands `unshare` alone.
  const inside = warden.processesOf(instance).filter(({ pid }) => /^NSpid:\t\d+\t\d+/m.test(statusOf(pid)))
  assert.ok(inside.length >= 2)
  for (const { pid } of inside) {
    const status = statusOf(pid)
    assert.match(status, /^Seccomp:\t2$/m)
    assert.match(status, /^NoNewPrivs:\t1$/m)
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      assert.match(status, new RegExp(`^Cap${set}:\t0+$`, 'm'), set)
  }
})

test('the environment reaches the application as it is, and nothing that prepares it', () => {
  for (const [name, value] of Object.entries(environment)) assert.equal(told.environment[name], value)
  assert.equal(existsSync(join(warden.ground.places.instance(instance).files, 'taken-over')), false)
  assert.deepEqual(
    Object.keys(told.environment).filter((name) => name.startsWith('BORGEN_HANDED_OVER')),
    [],
  )
})

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
