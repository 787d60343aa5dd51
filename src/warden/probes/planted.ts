import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ground } from '../ground.ts'
import { type ProcessIdentity, processOf } from '../processes.ts'
import { perl } from './run-perl.ts'

/** An id in the form of an instance's, of none. */
export const idOfNobody = 'ins_00000000000000000000000000'
const readyLimitMs = 10_000

/** What stands outside every sandbox for probes to look for: as open as it can be, and nobody's. */
export type Planted = {
  word: string
  process: ProcessIdentity
  /** Whether the network of the warden has no way out, so that the addresses of others could be planted in it. */
  hasNoWayOut: boolean
  port: number
  port6: number
  sharedMemory: number
  twin: {
    folder: string
    note: string
    socket: string
    databaseSocket: string
    /** As an instance's own folder would look with something of another's in it. */
    own: string
    /** A file in it has another name outside. */
    linked: string
    /** A text that names an instance. */
    names: string
    devices: string
  }
  /** Whether it still stands. */
  stands(): boolean
  close(): void
}

/** Plants everything anew. Throws when this machine does not allow it. */
export async function plant(ground: Ground): Promise<Planted> {
  // Passed through by every user, as the folders above it are.
  const folder = join(ground.places.warden, 'planted')
  const own = join(folder, 'own')
  await rm(folder, { recursive: true, force: true })
  const linked = join(folder, 'linked')
  for (const path of [folder, own, linked, join(folder, 'dev')]) {
    await mkdir(path)
    await chmod(path, 0o777)
  }
  const texts = {
    [join(folder, 'note.txt')]: 'planted',
    [join(folder, 'names.txt')]: idOfNobody,
    [join(own, 'a.txt')]: 'x',
    [join(own, `of.${idOfNobody}`)]: '',
  }
  for (const [path, text] of Object.entries(texts)) {
    await writeFile(path, text)
    await chmod(path, 0o666)
  }
  await link(join(folder, 'note.txt'), join(linked, 'note.txt'))
  // The harmless one, under a name that it has nowhere.
  spawnSync('mknod', [join(folder, 'dev', 'strange'), 'c', '1', '3'], { stdio: 'ignore' })
  const word = `planted-by-${ground.world}`
  const sinks = spawn(
    perl(),
    ['-e', readFileSync(join(import.meta.dirname, 'sinks.pl'), 'utf8'), folder, word],
    {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const [private_, port, port6, sharedMemory] = await firstLine(sinks)
  const process = processOf(sinks.pid ?? 0)
  if (!process) throw new Error('what was planted for the probes ended at once')
  let ended = false
  sinks.on('exit', () => {
    ended = true
  })
  return {
    word,
    process: { pid: process.pid, startTime: process.startTime },
    hasNoWayOut: private_ === 1,
    port: port ?? 0,
    port6: port6 ?? 0,
    sharedMemory: sharedMemory ?? 0,
    twin: {
      folder,
      note: join(folder, 'note.txt'),
      socket: join(folder, 'app.sock'),
      databaseSocket: join(folder, 'database.sock'),
      own,
      linked,
      names: join(folder, 'names.txt'),
      devices: join(folder, 'dev'),
    },
    stands: () => !ended,
    close: () => {
      sinks.kill('SIGTERM')
    },
  }
}

async function firstLine(child: ChildProcess): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>()
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.includes('\n')) resolve(said.trim().split('\t').map(Number))
  })
  child.stdin?.on('error', () => {})
  void once(child, 'exit').then(() => reject(new Error('nothing could be planted for the probes')))
  const limit = setTimeout(() => child.kill('SIGKILL'), readyLimitMs)
  return promise.finally(() => clearTimeout(limit))
}
