import { constants, existsSync } from 'node:fs'
import { open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bringUp } from './bring-up.ts'
import { removeGroups } from './cgroups.ts'
import { environmentOfNobody } from './environment.ts'
import { ensureFolder } from './files.ts'
import type { Ground } from './ground.ts'
import { insideApp } from './inside-app.ts'
import { reap } from './leftovers.ts'
import { folderOf } from './places.ts'
import type { Spec } from './requests.ts'
import { endSandbox, type LaunchedSandbox } from './sandbox.ts'
import type { SandboxPlan } from './sandbox-plan.ts'
import type { Slots } from './slots.ts'
import { startStopwatch } from './stopwatch.ts'

const writable = '/compile-cache'
const fileLimitBytes = 64 * 1024 * 1024
const filesLimit = 5000
/** A little more than the hook's pause between two flushes. */
const flushedWithinMs = 600

/** Whether a release would start faster with a cache of its compiled code. */
function isNodeProgram(spec: Spec): boolean {
  return basename(spec.start[0] ?? '') === 'node'
}

/** Builds the cache of each wanted release that lacks one, one after the other, in the background. */
export function createCompileCaches(ground: Ground, slots: Slots) {
  const wanted = new Map<string, Spec>()
  const tried = new Set<string>()
  let building: { name: string; done: Promise<void> } | undefined
  let closed = false

  async function buildAll(): Promise<void> {
    for (const [release, spec] of wanted) {
      wanted.delete(release)
      if (closed) return
      const name = nameOf(spec)
      const done = buildCompileCache(ground, slots, spec, name).catch((error: unknown) => {
        ground.logger.warn('a release got no compile cache', { release, error })
      })
      building = { name, done }
      await done
      building = undefined
    }
  }

  let turn: Promise<void> = Promise.resolve()
  return {
    want(spec: Spec): void {
      if (closed || !isNodeProgram(spec) || tried.has(spec.release)) return
      tried.add(spec.release)
      if (existsSync(ground.places.compileCacheOf(spec.release))) return
      wanted.set(spec.release, spec)
      turn = turn.then(buildAll)
    },
    /** Resolves when none is being built any more; a build under way is given up. */
    async close(): Promise<void> {
      closed = true
      if (building) await reap(ground, building.name, undefined, true)
      await turn
    },
  }
}
export type CompileCaches = ReturnType<typeof createCompileCaches>

const nameOf = (spec: Spec) => `cache-${spec.release.slice(0, 16)}`

/**
 * Compiles a release once for all its instances: runs it in a throwaway instance of its own, with an empty database
 * and none of any customer's values, and keeps the cache that node wrote. Instances read it and nobody can write to
 * it, so no instance can slip code into another; it holds nothing but what the release itself compiles to.
 */
async function buildCompileCache(ground: Ground, slots: Slots, spec: Spec, name: string): Promise<void> {
  const { places } = ground
  const folder = folderOf(join(places.trash, name))
  const launched: LaunchedSandbox[] = []
  await rm(folder.root, { recursive: true, force: true })
  try {
    const identity = await slots.take(folder)
    const cache = join(folder.root, 'compile-cache')
    await ensureFolder(cache, 0o700, ground.machine.root ? identity : undefined)
    const adjust = (plan: SandboxPlan): SandboxPlan =>
      plan.role === 'app'
        ? {
            ...plan,
            mounts: [...plan.mounts, { kind: 'writable', from: cache, to: writable }],
            environment: {
              ...plan.environment,
              NODE_COMPILE_CACHE: writable,
              NODE_OPTIONS:
                `${plan.environment.NODE_OPTIONS ?? ''} --require=${insideApp.borgen}/flush-compile-cache.cjs`.trim(),
            },
          }
        : plan
    const throwaway = { ...spec, environment: environmentOfNobody(spec.environment), egress: [] }
    const stages = startStopwatch()
    // One that does not get healthy on placeholders has compiled most of itself all the same.
    const wanted = { name, spec: throwaway, folder, identity, stages, launched, drained: [], adjust }
    await bringUp(ground, wanted).catch(() => {})
    await delay(flushedWithinMs)
    for (const sandbox of launched)
      await endSandbox(sandbox, sandbox.role === 'app' ? 'SIGTERM' : 'SIGINT', 3000)
    await keep(cache, places.compileCacheOf(spec.release))
  } finally {
    await reap(ground, name, undefined, true)
    await removeGroups(ground.cgroups, ground.world, name)
    for (const role of ['app', 'database']) {
      await rm(places.statOf(name, role), { force: true })
      await rm(places.lockOf(name, role), { force: true })
    }
    await rm(folder.root, { recursive: true, force: true })
  }
}

/** Copies what a sandbox wrote, plain files of one folder deep only, into a folder that nobody can write to. */
async function keep(from: string, to: string): Promise<void> {
  const half = `${to}.half`
  await rm(half, { recursive: true, force: true })
  await ensureFolder(half, 0o755)
  let files = 0
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const version = entry.name
    // A link would lead root to read elsewhere.
    if (!entry.isDirectory() || !/^[\w.-]+$/.test(version)) continue
    await ensureFolder(join(half, version), 0o755)
    for (const name of await readdir(join(from, version))) {
      if (!/^[\w.-]+$/.test(name) || ++files > filesLimit) continue
      const content = await readPlainFile(join(from, version, name))
      if (content) await writeFile(join(half, version, name), content, { mode: 0o644 })
    }
  }
  await rename(half, to)
}

async function readPlainFile(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if (!file) return undefined
  try {
    const seen = await file.stat()
    return seen.isFile() && seen.size <= fileLimitBytes ? await file.readFile() : undefined
  } finally {
    await file.close()
  }
}
