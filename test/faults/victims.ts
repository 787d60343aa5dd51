import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningWorld } from '../support/running-world.ts'
import { processesTouching } from '../support/running-world.ts'
import { folderIdentity, type SeenProcess, seePostgres, seeProcesses } from './oracle/read-processes.ts'

/** Whom kill -9 may meet. The last five are of the instance that the round is about, or of the plane's database. */
export const victims = [
  'supervisor',
  'warden',
  'worker',
  'server',
  'ledger',
  'edge',
  'database',
  'database-backend',
  'instance-postgres',
  'instance-backend',
  'app',
  'sandbox',
  'everything',
] as const
export type Victim = (typeof victims)[number]

/** Those that are there before an instance has any process. */
export const planeVictims: readonly Victim[] = victims.filter((name) => !/^(instance|app|sandbox)/.test(name))

/** Kills; returns how many processes were met, 0 when none of the kind was there. */
export function kill(world: RunningWorld, victim: Victim, instance: string | undefined): number {
  const pids = pidsOf(world, victim, instance)
  let met = 0
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
      met += 1
    } catch {
      // It ended with another one, or by itself.
    }
  }
  return met
}

function pidsOf(world: RunningWorld, victim: Victim, instance: string | undefined): number[] {
  const { dataDir } = world
  switch (victim) {
    case 'supervisor':
      return [world.record().supervisor.pid]
    case 'everything':
      return processesTouching(dataDir)
    case 'database-backend':
      return some(backendsIn(join(dataDir, 'plane', 'pg')))
    case 'instance-postgres':
      return instance === undefined ? [] : serversIn(pgOf(dataDir, instance))
    case 'instance-backend':
      return instance === undefined ? [] : some(backendsIn(pgOf(dataDir, instance)))
    case 'app':
      return instance === undefined ? [] : appsOf(dataDir, instance, (one) => one.name !== 'bwrap')
    case 'sandbox':
      return instance === undefined ? [] : some(appsOf(dataDir, instance, (one) => one.name === 'bwrap'))
    default: {
      const pid = world.pidOf(victim)
      return pid > 0 ? [pid] : []
    }
  }
}

const pgOf = (dataDir: string, instance: string) => join(dataDir, 'instances', instance, 'pg')
const inFolder = (folder: string) => {
  const identity = folderIdentity(folder)
  return identity === undefined ? [] : seePostgres().filter((one) => one.folder === identity)
}
const serversIn = (folder: string) => inFolder(folder).flatMap((one) => (one.isPostmaster ? one.pid : []))
const backendsIn = (folder: string) => inFolder(folder).flatMap((one) => (one.isPostmaster ? [] : one.pid))

function appsOf(dataDir: string, instance: string, which: (one: SeenProcess) => boolean): number[] {
  const uid = ownerOf(dataDir, instance)
  if (uid === undefined) return []
  return seeProcesses().flatMap((one) =>
    one.uid === uid && one.name !== 'postgres' && which(one) ? one.pid : [],
  )
}

function ownerOf(dataDir: string, instance: string): number | undefined {
  return statSync(join(dataDir, 'instances', instance, 'files'), { throwIfNoEntry: false })?.uid
}

/** One of these, the middle one. */
function some(pids: number[]): number[] {
  return pids.length === 0 ? [] : [pids[Math.floor(pids.length / 2)]!]
}
