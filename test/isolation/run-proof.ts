/**
 * Runs the proof of isolation in worlds that are whole and in worlds that are broken, and writes one JSON line: by world the
 * findings. Must be started in a network namespace of its own (see isolation/prove.test.ts), as the warden has one.
 */
import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { proveSingleTenant } from '../../src/domains/data-security/isolation/prove.ts'
import { createAskProbe } from '../../src/drivers/instances/local/ask-probe.ts'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import { createLocalProber } from '../../src/drivers/instances/local/local-prober.ts'
import { openDatabase } from '../../src/kernel/db.ts'
import { layout } from '../../src/kernel/layout.ts'
import type { Finding } from '../../src/pledges/verdict.ts'
import { addRelease, makeWorld, specOf, startTestWarden } from '../support/instances.ts'
import { startPostgres } from '../support/postgres.ts'
import { createTestClock } from '../support/test-clock.ts'

const { boot, dispose } = await makeWorld()
const { dataDir } = boot
const postgres = await startPostgres()
const { db, close } = openDatabase(postgres.urlAs('borgen_prover'), { maxConnections: 2 })
const clock = createTestClock()
const warden = await startTestWarden(boot, {
  slots: 1,
  without: { bubblewrap: process.argv.includes('--without-bubblewrap') },
})
const driver = createLocalInstanceDriver({ dataDir })
const prober = createLocalProber(dataDir, createAskProbe({ dataDir }))
const also: string[] = []
const proof = proveSingleTenant({
  ...{ db, clock, prober },
  population: async () => [...(await prober.present()), ...also],
})
const worlds: Record<string, readonly Finding[]> = {}
const facts: Record<string, unknown> = {}
const everyMs = 60_000
async function prove(world: string, moreMs = everyMs) {
  clock.advance(moreMs)
  const asked = { values: {}, nowMs: clock.now(), everyMs, freshnessMs: 2 * everyMs }
  worlds[world] = await proof.prove({ ...asked, signal: new AbortController().signal })
}

try {
  const release = await addRelease(dataDir, 'tiny')
  await prove('without any instance')
  const [intruder, victim] = [specOf(release), specOf(release)]
  for (const spec of [intruder, victim]) await driver.writer.start(spec)
  await prove('whole, awake')
  await driver.writer.stop(intruder.instance)
  const observed = () =>
    readFileSync(join(layout.run(dataDir, 'warden'), 'observed', `${intruder.instance}.json`), 'utf8')
  const whole = () => [observed(), ...everythingIn(layout.instance(dataDir, intruder.instance))]
  const before = whole()
  await prove('whole, one asleep')
  const after = whole()
  facts.touched = after.filter((line, at) => line !== before[at])
  facts.left = readdirSync(join(layout.warden(dataDir), 'running')).filter((name) => name.includes('probe'))

  const from = layout.instance(dataDir, victim.instance)
  const to = join(layout.instance(dataDir, intruder.instance), 'files')
  const all: Record<string, () => () => void> = {
    "another's file": () => {
      const [there, here] = [join(from, 'pg', 'PG_VERSION'), join(to, 'left-behind')]
      linkSync(there, here)
      chmodSync(there, 0o644)
      return () => {
        rmSync(here)
        chmodSync(there, 0o600)
      }
    },
    "another's files, now its own user's": () => {
      const [there, here] = [join(from, 'files', 'letter'), join(to, 'left-behind')]
      writeFileSync(there, 'x')
      linkSync(there, here)
      chownSync(here, statSync(to).uid, statSync(to).gid)
      return () => {
        for (const path of [there, here]) rmSync(path)
      }
    },
    "a copy of another's database, now its own user's": () => {
      const here = join(to, 'restored')
      cpSync(join(from, 'pg'), here, { recursive: true })
      for (const path of [
        here,
        ...readdirSync(here, { recursive: true, encoding: 'utf8' }).map((one) => join(here, one)),
      ])
        chownSync(path, statSync(to).uid, statSync(to).gid)
      return () => rmSync(here, { recursive: true })
    },
    "another's database": () => {
      const [there, here] = [join(from, 'db', '.s.PGSQL.5432'), join(to, 'left-behind')]
      linkSync(there, here)
      chmodSync(there, 0o777)
      return () => {
        rmSync(here)
        chmodSync(there, 0o700)
      }
    },
    "another's name": () => {
      const etc = join(layout.warden(dataDir), 'etc', 'hosts')
      const text = readFileSync(etc, 'utf8')
      writeFileSync(etc, `${text}127.0.0.1 ${victim.instance}\n`)
      return () => writeFileSync(etc, text)
    },
    'an open folder': () => {
      chmodSync(join(layout.instance(dataDir, intruder.instance), 'files'), 0o755)
      return () => chmodSync(join(layout.instance(dataDir, intruder.instance), 'files'), 0o700)
    },
  }
  const breaks = Object.entries(all).slice(0, process.argv.includes('--without-bubblewrap') ? 1 : undefined)
  for (const state of ['asleep', 'awake']) {
    if (state === 'awake') await driver.writer.start(intruder)
    for (const [what, breakIt] of breaks) {
      const mend = breakIt()
      await prove(`${what}, ${state}`)
      mend()
      await prove(`${what}, ${state}, mended`)
    }
  }
  also.push('ins_11111111111111111111111111')
  await prove('one that nobody can look into')
  also.pop()
  rmSync(join(layout.warden(dataDir), 'planted', 'note.txt'))
  await prove('without what a control looks for')
} finally {
  await warden.close()
  await driver.close()
  await close()
  await postgres.stop()
  await dispose()
}
process.stdout.write(`${JSON.stringify({ worlds, facts })}\n`)
process.exit(0)

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => `${path} ${statSync(join(folder, path)).mtimeMs} ${statSync(join(folder, path)).size}`)
}
