import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Boot } from '../kernel/boot.ts'
import { systemClock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { removeWorld } from './cgroups.ts'
import { createCompileCaches } from './compile-cache.ts'
import { watchDisks } from './disk-watch.ts'
import { type Ground, prepareGround } from './ground.ts'
import { reap } from './leftovers.ts'
import { createLife } from './life.ts'
import type { Without } from './machine.ts'
import { createProbes } from './probes/probes.ts'
import { isAlive } from './processes.ts'
import { type Recovery, recover } from './recover.ts'
import { runSql } from './run-sql.ts'
import { type Commands, createWardenServer, listenAt, workersDoor } from './server.ts'
import { createSlots } from './slots.ts'
import { ensureTemplate } from './template.ts'
import { publishUsage } from './usage.ts'

const watchEveryMs = 1000
const defaultSlots = 3
/** Whose files a template's are while it is made. */
const nobody = { uid: 65534, gid: 65534 }

export type Warden = { ground: Ground; recovery: Recovery; close(): Promise<void> }

/** Mends what an earlier warden left, then serves requests until `close`, which stops every instance. */
export async function startWarden(
  boot: Boot,
  logger: Logger,
  options: { slots?: number; without?: Without } = {},
): Promise<Warden> {
  const ground = await prepareGround(boot, logger, options.without)
  const root = ground.machine.root
  await clearTemplateHalves(ground)
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const template = await ensureTemplate(
    ground.places.templates,
    ground.database.binaries,
    root ? nobody : self,
    root,
    (cluster, database, sql) => runSql(ground, 'template', cluster, root ? nobody : self, database, sql),
  )
  const slots = createSlots(
    {
      places: ground.places,
      template,
      passwordKey: ground.passwordKey,
      root,
      firstUid: boot.uids.instancesFrom,
      self,
      markerOf: ground.markerOf,
      groups: { edge: boot.uids.edge, worker: boot.uids.worker },
      runSql: (slot, folder, owner, database, sql) => runSql(ground, slot, folder, owner, database, sql),
    },
    options.slots ?? defaultSlots,
    (error) => logger.error('could not prepare a slot', { error }),
  )
  const life = createLife(ground, slots)
  const recovery = await recover(ground, slots, life)
  logger.info('recovered', { ...recovery, adopted: recovery.adopted.length })
  // Adopted sandboxes are nobody's children any more, so that their end has to be looked for.
  const watch = setInterval(() => {
    for (const [instance, record] of life.running) {
      const dead = record.sandboxes.find(({ init }) => !isAlive(init))
      if (dead) life.fell(instance, record, dead.role, 'ended')
    }
  }, watchEveryMs)
  const closed = new AbortController()
  const disks = new Map<string, number>()
  const watching = watchDisks(
    ground.places,
    life.running,
    async (instance, reason) => {
      logger.warn('an instance is stopped', { instance, reason })
      await life.stop(instance, reason)
    },
    closed.signal,
    (instance, usedBytes) => disks.set(instance, usedBytes),
  ).catch((error: unknown) => logger.error('the disk watch ended', { error }))
  const publishing = publishUsage(
    ground,
    life.running,
    (instance) => disks.get(instance),
    systemClock.now,
    closed.signal,
  )
  const caches = createCompileCaches(ground, slots)
  const probes = createProbes(ground, life)
  const commands: Commands = {
    // Whoever wants something of an instance does not wait for a look at it.
    start: (spec) =>
      probes.before(spec.instance, async () => {
        // what another instance's, or an earlier stay's, last look found says nothing any more
        disks.delete(spec.instance)
        const started = await life.start(spec)
        caches.want(spec)
        return started
      }),
    stop: (instance) => probes.before(instance, () => life.stop(instance)),
    destroy: (instance) => probes.before(instance, () => life.destroy(instance)),
  }
  const only = (uid: number) => (root ? { uid, gid: uid } : undefined)
  const server = createWardenServer(workersDoor(commands, boot.secrets.wardenToken), logger)
  await listenAt(server, ground.places.socket, only(boot.uids.worker))
  const probeServer = createWardenServer(probes.door(boot.secrets.probeWardenToken), logger)
  await listenAt(probeServer, ground.places.probeSocket, only(boot.uids.prover))
  slots.refill()
  return {
    ground,
    recovery,
    async close() {
      server.close()
      probeServer.close()
      await probes.close()
      clearInterval(watch)
      closed.abort()
      await caches.close()
      await Promise.all([life.stopAll(), slots.close(), watching, publishing])
      await removeWorld(ground.cgroups, ground.world)
    },
  }
}

/** An earlier warden may have died while it made the template, its PostgreSQL still running. */
async function clearTemplateHalves(ground: Ground): Promise<void> {
  await reap(ground, 'template', undefined, true)
  for (const name of await readdir(ground.places.templates)) {
    if (name.startsWith('.')) await rm(join(ground.places.templates, name), { recursive: true, force: true })
  }
}
