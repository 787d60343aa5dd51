import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Boot } from '../kernel/boot.ts'
import { systemClock } from '../kernel/clock.ts'
import { identify, isAlive } from './proc.ts'
import { type ProcessNews, SupervisedProcess } from './supervised-process.ts'

const fixture = fileURLToPath(new URL('../../test/support/fixture-process.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'borgen-supervised-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const uid = process.getuid?.() ?? 0

function bootWith(secrets: Record<string, string>): Boot {
  const shared = { plane: uid, database: uid, ledger: uid, server: uid, worker: uid, prover: uid }
  return {
    process: 'fixture',
    dataDir: folder,
    codeDir: folder,
    nodePath: process.execPath,
    config: {
      worldId: 'w',
      demo: false,
      planeDomain: 'a.test',
      appsDomain: 'b.test',
      httpsPort: 1,
      httpPort: 1,
      bindAddress: '127.0.0.1',
    },
    uids: { distinct: false, ...shared, edge: uid, warden: uid, witness: uid, instancesFrom: uid },
    secrets,
  }
}

/** A supervised fixture, the news it gave so far, and a way to wait for the news one looks for. */
function supervise(secrets: Record<string, string>, more: { once?: boolean; graceMs?: number } = {}) {
  const heard: ProcessNews[] = []
  const waiting: { fits: (news: ProcessNews) => boolean; done: (news: ProcessNews) => void }[] = []
  const logFile = join(folder, `${Math.random()}.log`)
  const member = new SupervisedProcess({
    name: 'fixture',
    uid,
    once: more.once ?? false,
    stop: { signal: 'SIGTERM', graceMs: more.graceMs ?? 5_000 },
    leavesChildren: false,
    launch: () => ({ command: process.execPath, args: [fixture], env: {}, boot: bootWith(secrets) }),
    logFile,
    clock: systemClock,
    tell: (_name, news) => {
      heard.push(news)
      for (const one of waiting) if (one.fits(news)) one.done(news)
    },
  })
  const news = (kind: ProcessNews['kind']) => {
    const { promise, resolve } = Promise.withResolvers<ProcessNews>()
    const found = heard.find((one) => one.kind === kind)
    if (found) resolve(found)
    waiting.push({ fits: (one) => one.kind === kind, done: resolve })
    return promise
  }
  const readyAgain = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ fits: () => member.record.state === 'ready', done: () => resolve() })
    return promise
  }
  return { member, heard, news, readyAgain, logFile }
}

test('a process becomes ready, and after stop nothing of it is left', async () => {
  const { member } = supervise({})
  member.start()
  await member.ready
  const pid = member.record.pid ?? 0
  assert.equal(member.record.state, 'ready')
  const identity = identify(pid)
  assert.ok(identity)
  await member.stop()
  assert.equal(isAlive(identity), false)
  assert.deepEqual({ pid: member.record.pid, state: member.record.state }, { pid: null, state: 'stopped' })
})

test('a process that is killed is started again', async () => {
  const { member, news, readyAgain } = supervise({})
  member.start()
  await member.ready
  const first = member.record.pid ?? 0
  const again = readyAgain()
  process.kill(first, 'SIGKILL')
  assert.deepEqual(await news('ended'), { kind: 'ended', ended: 'signal SIGKILL', pauseMs: 100 })
  await again
  assert.notEqual(member.record.pid, first)
  assert.equal(member.record.restarts, 1)
  await member.stop()
})

test('a process that keeps failing is reported with its last lines, and the pauses grow', async () => {
  const { member, heard, news } = supervise({ exitAtOnce: '3', say: 'the disk is full' })
  member.start()
  const failing = await news('failing')
  await member.stop()
  assert.ok(failing.kind === 'failing')
  assert.equal(failing.ended, 'exit 3')
  assert.match(failing.lines.join('\n'), /the disk is full$/)
  const pauses = heard.flatMap((one) => (one.kind === 'ended' ? [one.pauseMs] : []))
  assert.deepEqual(pauses.slice(0, 5), [100, 200, 400, 800, 1600])
})

test('a process that does not heed its signal is killed after its time of grace', async () => {
  const { member } = supervise({ deaf: 'yes' }, { graceMs: 50 })
  member.start()
  await member.ready
  const identity = identify(member.record.pid ?? 0)
  await member.stop()
  assert.ok(identity && !isAlive(identity))
})

test('a process that never gets ready can still be stopped, and one that never started too', async () => {
  const { member, logFile } = supervise({ never: 'yes' })
  member.start()
  while (!readFileSync(logFile, { encoding: 'utf8', flag: 'a+' }).includes('began'))
    await new Promise((resolve) => setTimeout(resolve, 5))
  await member.stop()
  assert.equal(member.record.pid, null)
  const idle = supervise({}).member
  await idle.stop()
  assert.equal(idle.record.state, 'stopped')
})

test('a process that runs once is done when it ends well and is repeated when it does not', async () => {
  const good = supervise({ exitAtOnce: '0' }, { once: true })
  good.member.start()
  await good.member.ready
  assert.equal(good.member.record.state, 'done')
  const bad = supervise({ exitAtOnce: '1' }, { once: true })
  bad.member.start()
  await bad.news('ended')
  await bad.member.stop()
  assert.notEqual(bad.member.record.state, 'done')
})

test('a program that is not there is reported, not thrown', async () => {
  const heard: ProcessNews[] = []
  const member = new SupervisedProcess({
    name: 'missing',
    uid,
    once: false,
    stop: { signal: 'SIGTERM', graceMs: 10 },
    leavesChildren: false,
    launch: () => ({ command: '/nonexistent/program', args: [], env: {}, boot: bootWith({}) }),
    logFile: join(folder, 'missing.log'),
    clock: systemClock,
    tell: (_name, one) => {
      heard.push(one)
      if (one.kind === 'ended') void member.stop()
    },
  })
  member.start()
  while (member.record.state !== 'stopped') await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(heard.some((one) => one.kind === 'ended' && /not started: .*ENOENT/.test(one.ended)))
})
