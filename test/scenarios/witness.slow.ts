import assert from 'node:assert/strict'
import { chmodSync, cpSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'
import { runCli } from '../support/world-clients.ts'

/*
 * The log of a real world and its witness: what the plane's processes may do, what root does to the log's folder, and the
 * whole store rolled back while nothing runs.
 */
const dataDir = worldFolder()
const isRoot = process.getuid?.() === 0
let world: RunningWorld | undefined
process.env.XDG_STATE_HOME = join(dataDir, '..', `${dataDir.split('/').at(-1)}-state`)
after(async () => {
  if (world && world.child.exitCode === null) await world.end('SIGINT')
  clearWorld(dataDir)
  rmSync(process.env.XDG_STATE_HOME!, { recursive: true, force: true })
})

type Promise_ = { verdict: string; reason: { en: string; sv: string } }
async function proved(id: string): Promise<Promise_> {
  await runCli(dataDir, ['promise', 'prove', id])
  const shown = await runCli(dataDir, ['promise', 'show', id, '--json'])
  return JSON.parse(shown.stdout)
}
async function witnesses(): Promise<{ state: string; lastSize: number | null; reason: string | null }[]> {
  return JSON.parse((await runCli(dataDir, ['log', 'witnesses', '--json'])).stdout).items
}
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask()
    if (fits(answer) || attempt === 40) return answer
    await delay(500)
  }
}
async function start(): Promise<void> {
  world = startWorld(dataDir)
  await world.said(fullyUp)
}

test('a world is witnessed from its start, and its log stands apart where each process has its own user', async () => {
  await start()
  const [seen] = await until(witnesses, ([one]) => one?.state === 'cosigned')
  assert.equal(seen?.state, 'cosigned')
  const { verdict, reason } = await proved('logs.isolated')
  if (!isRoot) return assert.match(reason.en, /same user/i)
  assert.equal(verdict, 'kept', reason.en)
  assert.match(reason.en, /same failure domain/)
  const verified = await runCli(dataDir, ['log', 'verify', '--json'])
  assert.equal(verified.code, 0, verified.stdout)
  assert.equal(JSON.parse(verified.stdout).tree.cosigned.length, 1)
  const streams = await proved('logs.five-streams')
  assert.equal(streams.verdict, 'kept', streams.reason.en)
})

test('a log’s folder that others may write to breaks it: what is tried there is not refused', {
  skip: !isRoot,
}, async () => {
  const planted = join(dataDir, 'ledger', 'regions', '.planted', 'planted')
  const folders = [join(dataDir, 'ledger'), join(dataDir, 'ledger', 'regions'), join(planted, '..'), planted]
  const modes = folders.map((folder) => statSync(folder).mode & 0o7777)
  for (const folder of folders) chmodSync(folder, 0o777)
  const { verdict, reason } = await proved('logs.isolated')
  folders.forEach((folder, at) => {
    chmodSync(folder, modes[at]!)
  })
  assert.equal(verdict, 'broken')
  assert.match(reason.en, /As server it was not refused to .*delete/)
  assert.equal((await proved('logs.isolated')).verdict, 'kept')
})

test('the whole store rolled back: the witness refuses it, and the verdict says so', {
  skip: !isRoot,
}, async () => {
  await world?.end('SIGINT')
  const [ledger, copy] = [join(dataDir, 'ledger'), `${dataDir}-earlier`]
  cpSync(ledger, copy, { recursive: true, preserveTimestamps: true })
  await start()
  const size = () => Number(readFileSync(join(ledger, 'tree', 'checkpoint'), 'utf8').split('\n')[1])
  const before = Number(readFileSync(join(copy, 'tree', 'checkpoint'), 'utf8').split('\n')[1])
  // Reading the log is itself logged.
  for (let i = 0; i < 20; i++) await runCli(dataDir, ['log', 'tail', '-n', '1'])
  const grown = await until(
    async () => size(),
    (found) => found >= before + 20,
  )
  await until(witnesses, ([one]) => (one?.lastSize ?? 0) >= grown)
  await world?.end('SIGINT')
  const { uid, gid, mode } = statSync(ledger)
  rmSync(ledger, { recursive: true })
  cpSync(copy, ledger, { recursive: true, preserveTimestamps: true })
  rmSync(copy, { recursive: true })
  assert.ok(size() < grown)
  const { spawnSync } = await import('node:child_process')
  spawnSync('chown', ['-R', `${uid}:${gid}`, ledger])
  chmodSync(ledger, mode & 0o7777)
  await start()
  // The log goes on from where it was, in a world of its own: until it has as many entries again, and then with others.
  const [seen] = await until(witnesses, ([one]) => one?.state === 'refused')
  assert.equal(seen?.state, 'refused', JSON.stringify(seen))
  assert.match(seen?.reason ?? '', /rolled back|not the log whose first/)
  const { verdict, reason } = await proved('logs.isolated')
  assert.equal(verdict, 'broken', reason.en)
  assert.match(reason.en, /cut short or rolled back|history was rewritten/)
  const verified = await runCli(dataDir, ['log', 'verify', '--json'])
  assert.equal(verified.code, 1, verified.stdout)
  assert.match(verified.stdout, /refusing": *\[\s*\{/)
})
