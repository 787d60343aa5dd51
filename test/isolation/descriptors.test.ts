import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { descendantsOf } from '../../src/supervisor/proc.ts'
import { descriptorsOf, type Planted, plantDescriptors } from '../support/planted-descriptors.ts'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  type RunningWorld,
  startWorld,
  worldFolder,
} from '../support/running-world.ts'

const listed = z.array(z.object({ number: z.number(), target: z.string(), handedOn: z.boolean() }))
const foundSchema = z.object({
  own: listed,
  app: z.object({ open: listed, reached: z.string() }),
  database: listed,
})

/** What a shell or an editor had open when it started Borgen leads out of every sandbox that inherits it. */
describe('descriptors of whoever starts a world reach nobody in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-planted-'))
  let planted: Planted
  before(() => {
    planted = plantDescriptors(folder, ['ignore', 'pipe', 'pipe'])
  })
  after(() => {
    planted.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const isPlanted = ({ target }: { target: string }) => planted.paths.includes(target)

  for (const mode of ['bubblewrap', 'unshare'] as const)
    test(`a sandbox closes what even its warden was handed (${mode})`, async () => {
      const fixture = join(import.meta.dirname, '..', 'support', 'warden-with-descriptors.ts')
      const flags = mode === 'unshare' ? ['--without-bubblewrap'] : []
      const child = spawn(process.execPath, [fixture, ...flags], { stdio: planted.stdio })
      const said = await wordsOf(child)
      const line = said.split('\n').find((one) => one.startsWith('{')) ?? ''
      const found = foundSchema.parse(line === '' ? said : JSON.parse(line))
      // The control: a program that is simply started has all three.
      assert.deepEqual(
        found.own
          .filter(isPlanted)
          .map(({ number }) => number)
          .sort(byNumber),
        [9, 77, 251],
      )
      assert.deepEqual(
        found.app.open.filter(({ handedOn }) => handedOn),
        [],
      )
      assert.equal(found.app.reached, 'ENOENT')
      assert.ok(found.database.length > 0)
      assert.deepEqual(found.database.filter(isPlanted), [])
      // Its lock stays with it until its last process ends; PostgreSQL opens files and sockets, and its one own pipe.
      const foreign = found.database.filter(
        ({ target }) =>
          !/^(socket:|anon_inode:|pipe:|\/dev\/u?random$|\/pgdata\/|\/data\/|.*\/pg\/|.*\.database\.lock$)/.test(
            target,
          ),
      )
      assert.deepEqual(foreign, [])
      assert.equal(
        new Set(found.database.map(({ target }) => target).filter((one) => /^pipe:/.test(one))).size,
        1,
      )
    })

  describe('in a whole world', () => {
    const dataDir = worldFolder()
    let world: RunningWorld
    before(async () => {
      world = startWorld(dataDir, { args: ['--demo'], stdio: planted.stdio })
      await world.said(fullyUp)
    })
    after(async () => {
      if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
      clearWorld(dataDir)
    })

    test('no process of the plane and none of an instance has one of them', () => {
      const observed = join(dataDir, 'run', 'warden', 'observed')
      const instances = readdirSync(observed).map((name) =>
        JSON.parse(readFileSync(join(observed, name), 'utf8')),
      )
      const running = z
        .array(z.object({ processes: z.array(z.object({ pid: z.number() })) }))
        .parse(instances)
      const inits = running.flatMap(({ processes }) => processes.map(({ pid }) => pid))
      assert.ok(inits.length > 0)
      const ofInstances = inits.flatMap((pid) => [pid, ...descendantsOf(pid).map((one) => one.pid)])
      const plane = processesTouching(dataDir)
      for (const { name, pid } of world.record().processes)
        if (pid !== null) assert.ok(plane.includes(pid), `${name} was not looked at`)
      const pids = [...plane, ...ofInstances]
      assert.deepEqual(
        pids.flatMap((pid) => ofLiving(pid).filter(isPlanted)),
        [],
      )
    })
  })
})

async function wordsOf(child: ChildProcess): Promise<string> {
  let said = ''
  const ended = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr] as Readable[])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  child.on('error', ended.reject)
  child.on('close', () => ended.resolve())
  await ended.promise
  return said
}

/** A backend of a database may have ended since it was listed; the processes that stay are looked for by name above. */
function ofLiving(pid: number) {
  try {
    return descriptorsOf(pid)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

const byNumber = (a: number, b: number) => a - b
