import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { layout } from '../../src/kernel/layout.ts'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge } from '../support/world-clients.ts'

const isRoot = process.getuid?.() === 0
const dataDir = worldFolder()
let world: RunningWorld

before(async () => {
  world = startWorld(dataDir)
  await world.said(fullyUp)
})
after(() => clearWorld(dataDir))

const running = () => world.record().processes.filter(({ state }) => state === 'ready')

test('all processes are ready, recorded, and say where to go', () => {
  assert.deepEqual(
    world.record().processes.map(({ name, state }) => `${name} ${state}`),
    [
      'database ready',
      'migrate done',
      'ledger ready',
      'witness ready',
      'warden ready',
      'server ready',
      'worker ready',
      'prover ready',
      'edge ready',
    ],
  )
  const { httpsPort } = world.config()
  assert.match(world.output(), new RegExp(`https://console\\.borgen\\.localhost:${httpsPort}/`))
  assert.match(world.output(), /ca\.crt/)
})

test('the console’s pages are there for every browser, script and all', async () => {
  const { planeDomain, httpsPort } = world.config()
  const origin = `https://console.${planeDomain}:${httpsPort}`
  const page = await fetchThroughEdge(dataDir, `${origin}/`)
  assert.equal(page.status, 200)
  const script = /src="(\/[^"]+\.js)"/.exec(page.text)?.[1]
  assert.ok(script, page.text)
  assert.equal((await fetchThroughEdge(dataDir, origin + script)).status, 200)
})

test('as root every process has a user of its own and no privilege', { skip: !isRoot }, () => {
  const status = (pid: number | null, field: string) =>
    new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const others = running().filter(({ name }) => name !== 'warden')
  assert.equal(new Set(others.map(({ uid }) => uid)).size, others.length)
  for (const { name, pid, uid } of others) {
    assert.equal(status(pid, 'Uid'), [uid, uid, uid, uid].join('\t'), name)
    assert.equal(status(pid, 'NoNewPrivs'), '1', name)
    for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb'])
      assert.equal(status(pid, set), '0000000000000000', `${name} ${set}`)
    assert.notEqual(uid, 0, name)
  }
})

test('secrets are in no argument, no environment and no readable file', () => {
  for (const { name, pid } of running()) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
    const names = environment.map((one) => one.split('=')[0])
    assert.deepEqual(
      names.filter(
        (one) =>
          !['PATH', 'LANG', 'TZ', 'NODE_COMPILE_CACHE', 'PWD', 'OLDPWD', '_', 'SHLVL'].includes(one ?? ''),
      ),
      [],
      name,
    )
    // Every secret of ours is at least 43 characters of base64; the log's verifier key, which the witness is told, is public.
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/(--log-key\0[^+\0]+)\+[^\0]+/g, '$1')
    assert.doesNotMatch(line, /[A-Za-z0-9_+=-]{43}/, name)
    // The boot document's descriptor is closed again, and nothing of the supervisor's is inherited.
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`)
      } catch {
        return ''
      }
    })
    assert.deepEqual(
      open.filter(
        (target) => target.includes('/keys/') || target.includes('/secrets/') || target.endsWith('.lock'),
      ),
      [],
      name,
    )
  }
  for (const file of [
    layout.rootKey(dataDir),
    ...readdirSync(layout.secrets(dataDir)).map((one) => join(layout.secrets(dataDir), one)),
  ])
    assert.equal(statSync(file).mode & 0o777, 0o400, file)
  assert.equal(statSync(layout.caCertificate(dataDir)).mode & 0o777, 0o644)
})

test('a second start on the same folder is refused and names the first', () => {
  const second = spawnSync(process.execPath, [join('bin', 'borgen.mjs'), 'up', '--data', dataDir], {
    encoding: 'utf8',
  })
  assert.equal(second.status, 4)
  assert.match(second.stderr, new RegExp(`already runs .*process ${world.child.pid}\\)`))
  assert.match(second.stderr, /--data DIR/)
})

test('every process that is killed comes back', async () => {
  const found = (name: string) => world.record().processes.find((one) => one.name === name)
  for (const { name } of running()) {
    // One that lost another on a busy machine may just be coming back itself.
    await until(`${name} is ready`, () => found(name)?.state === 'ready')
    const pid = world.pidOf(name)
    process.kill(pid, 'SIGKILL')
    await until(`${name} is ready again`, () => found(name)?.state === 'ready' && found(name)?.pid !== pid)
    assert.match(world.output(), new RegExp(`${name} ended \\(signal SIGKILL\\)`))
  }
})

test('Ctrl-C stops everything and leaves no process', async () => {
  const recorded = running().map(({ pid }) => pid)
  assert.equal(await world.end('SIGINT'), 0)
  assert.deepEqual(processesTouching(dataDir), [])
  for (const pid of recorded) assert.throws(() => process.kill(pid ?? 0, 0))
})

test('a port in use is named with the option for another', async () => {
  const { httpsPort, bindAddress } = world.config()
  const squatter = createServer().listen(httpsPort, bindAddress)
  await new Promise((resolve) => squatter.once('listening', resolve))
  const refused = startWorld(dataDir)
  await refused
    .said(new RegExp(`Port ${httpsPort} on ${bindAddress} is in use.*--https-port N`, 's'))
    .finally(() => squatter.close())
})

test('a real world never becomes a demo, whatever its config.json says', () => {
  const file = layout.config(dataDir)
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace('"demo": false', '"demo": true'))
  const refused = spawnSync(process.execPath, [join('bin', 'borgen.mjs'), 'up', '--data', dataDir], {
    encoding: 'utf8',
  })
  writeFileSync(file, before)
  assert.equal(refused.status, 4)
  assert.match(
    refused.stderr,
    /first entry of the log says that this is a real world, and config\.json that it is a demo/,
  )
  assert.match(refused.stderr, /Set "demo" in config\.json back to false/)
})

test('a real world is never started as a demo', () => {
  const refused = spawnSync(
    process.execPath,
    [join('bin', 'borgen.mjs'), 'up', '--demo', '--data', dataDir],
    { encoding: 'utf8' },
  )
  assert.equal(refused.status, 4)
  assert.match(refused.stderr, /real world/)
})
