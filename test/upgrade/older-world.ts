import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { layout } from '../../src/kernel/layout.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'
import { codeOf, originsOf } from './older-code.ts'

const checkout = join(import.meta.dirname, '..', '..')
/** So many commits may be unable to start before it is a fault of this one. */
const originLimit = 3
const customerSchema = z.object({ url: z.string(), email: z.string(), password: z.string() })
type Customer = z.infer<typeof customerSchema>
/** What was left in a world, to be found again. */
export type Left = { customer: Customer; contact: string; account: string; checkpoint: string }
type Test = { diagnostic(message: string): void }

/** A demo world of an older state, with something left in it; `start` starts it again by this code, or by the older. */
export type OlderWorld = {
  dataDir: string
  world: RunningWorld
  left: Left
  start(by: 'this' | 'older'): Promise<RunningWorld>
  clear(): Promise<void>
}

/** Starts the newest older state that starts at all, and leaves data in it; a reason where no older state is to be had. */
export async function olderWorld(t: Test): Promise<OlderWorld | string> {
  const origins = originsOf()
  if (typeof origins === 'string') return origins
  const kept = mkdtempSync(join(tmpdir(), 'borgen-upgrade-'))
  // What the CLI remembers of logs is that of these worlds alone.
  process.env.XDG_STATE_HOME = join(kept, 'state')
  for (const { commit, why } of origins.slice(0, originLimit)) {
    const [dataDir, older] = [worldFolder(), codeOf(commit)]
    const worlds: RunningWorld[] = []
    const start = async (by: 'this' | 'older') => {
      const world = startWorld(dataDir, { args: ['--demo'], ...(by === 'older' ? { code: older } : {}) })
      worlds.push(world)
      await world.said(fullyUp)
      return world
    }
    const clear = async () => {
      for (const { child, end } of worlds)
        if (child.exitCode === null && child.signalCode === null) await end('SIGINT')
      clearWorld(dataDir)
      for (const folder of [older, kept]) rmSync(folder, { recursive: true, force: true })
    }
    try {
      const world = await start('older')
      t.diagnostic(`from ${commit.slice(0, 12)}: ${why}`)
      return { dataDir, world, left: await leaveData(dataDir, older, kept), start, clear }
    } catch (error) {
      t.diagnostic(`${commit.slice(0, 12)} does not start by itself: ${(error as Error).message.slice(-300)}`)
      await clear()
    }
  }
  return assert.fail('no older state starts')
}

async function signIn(dataDir: string, { url, email, password }: Customer): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ email, password })
  const answer = await fetchThroughEdge(dataDir, `${url}/api/sign-in`, { method: 'POST', headers, body })
  assert.equal(answer.status, 200, answer.text)
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(answer.text))
  return { ...headers, authorization: `Bearer ${token}` }
}

/** A contact through the edge, a sign-up through the older CLI, and the checkpoint after both. */
async function leaveData(dataDir: string, code: string, kept: string): Promise<Left> {
  const name = 'Left'
  const customers = z
    .array(customerSchema)
    .parse(JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8')))
  const customer = customers[0]!
  const made = await fetchThroughEdge(dataDir, `${customer.url}/api/contacts`, {
    method: 'POST',
    headers: await signIn(dataDir, customer),
    body: JSON.stringify({ givenName: name, familyName: 'Zebrafinch' }),
  })
  assert.equal(made.status, 201, made.text)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(code, 'bin', 'borgen.mjs'),
      ...['account', 'sign-up', '--company', `${name} AB`, '--email', 'ann@acme.test', '--country', 'SE'],
      ...['--region', 'eu-frankfurt', '--json'],
    ],
    { env: { ...process.env, BORGEN_DATA: dataDir } },
  )
  assert.match(stdout, /"url"/)
  const note = join(layout.ledger(dataDir), 'tree', 'checkpoint')
  const sizeOf = (text: string) => Number(text.split('\n')[1])
  const before = sizeOf(readFileSync(note, 'utf8'))
  // The newest commits are published within a second of the last.
  await until(
    'published',
    () => sizeOf(readFileSync(note, 'utf8')) > before || Date.now() - statSync(note).mtimeMs > 1500,
  )
  const checkpoint = join(kept, `${name}.checkpoint`)
  copyFileSync(note, checkpoint)
  const contact = z.object({ id: z.string() }).parse(JSON.parse(made.text)).id
  return { customer, contact, account: `${name} AB`, checkpoint }
}

/** What was left is there, the log verifies and goes on from what it signed, every migration is applied, and work goes on. */
export async function allIsThere(
  dataDir: string,
  { customer, contact, account, checkpoint }: Left,
  t: Test,
): Promise<void> {
  const headers = await signIn(dataDir, customer)
  const found = await fetchThroughEdge(dataDir, `${customer.url}/api/contacts/${contact}`, { headers })
  assert.match(found.text, /Zebrafinch/)
  const accounts = await runCli(dataDir, ['account', 'list', '--json'])
  assert.ok(accounts.stdout.includes(account), accounts.stdout + accounts.stderr)
  const verified = await runCli(dataDir, ['log', 'verify', '--checkpoint', checkpoint])
  assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  // The key as it was, the folder as it is: the offline verifier finds the one to be the beginning of the other.
  const tree = join(layout.ledger(dataDir), 'tree')
  const key = join(tree, 'vkey')
  const program = join(checkout, 'verify', 'bin', 'borgen-verify.mjs')
  const args = ['log', tree, '--key', key, '--checkpoint', checkpoint]
  const offline = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  assert.equal(offline.status, 0, offline.stdout + offline.stderr)
  const config = z
    .object({ newestMigration: z.string() })
    .parse(JSON.parse(readFileSync(layout.config(dataDir), 'utf8')))
  const migrations = readdirSync(join(checkout, 'sql')).filter((name) => /^\d{4}_/.test(name))
  assert.equal(config.newestMigration, migrations.sort().at(-1), 'every migration is applied')
  const sizeOf = (file: string) => Number(readFileSync(file, 'utf8').split('\n')[1])
  t.diagnostic(`log: ${sizeOf(checkpoint)} entries before, ${sizeOf(join(tree, 'checkpoint'))} now`)
  const again = await runCli(dataDir, [
    ...['account', 'sign-up', '--company', `After ${account}`, '--email', 'ann@acme.test', '--country', 'SE'],
    ...['--region', 'eu-frankfurt', '--json'],
  ])
  assert.equal(again.code, 0, again.stderr)
}
