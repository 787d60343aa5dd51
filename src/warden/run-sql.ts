import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeGroups, removeGroups } from './cgroups.ts'
import { singleUserPlan } from './database-sandbox.ts'
import { readTail } from './files.ts'
import type { Ground } from './ground.ts'
import { endSandbox, launchSandbox } from './sandbox.ts'
import type { Owner } from './slots.ts'

const limits = { memoryMiB: 256, cpus: 2, processes: 32 }

/**
 * Runs SQL on a stopped cluster, one command a line, as its owner and in a database's sandbox. `name` is what its
 * leftovers are found by. Throws with PostgreSQL's words when a command fails.
 */
export async function runSql(
  ground: Ground,
  name: string,
  folder: { pg: string; db: string },
  owner: Owner,
  database: string,
  sql: string[],
): Promise<void> {
  const { places } = ground
  const outputFile = join(places.running, `${name}.${randomBytes(4).toString('hex')}.sql-output`)
  const output = openSync(outputFile, 'ax', 0o600)
  try {
    const sandbox = await launchSandbox({
      plan: singleUserPlan(ground.database, folder, database),
      machine: ground.machine,
      owner,
      stdout: output,
      stderr: output,
      input: `${sql.join('\n\n')}\n`,
      statFile: places.statOf(name, 'database'),
      lockFile: places.lockOf(name, 'database'),
      cgroups: await makeGroups(
        ground.cgroups,
        { world: ground.world, instance: name, role: 'database' },
        limits,
      ),
      limits: { fileSizeMiB: 1024 },
      marker: ground.markerOf(name),
    })
    const how = await sandbox.ended
    await endSandbox(sandbox, 'SIGINT', 0)
    const said = await readTail(outputFile, 0, 4096)
    if (how !== 'ended with exit code 0' || /(ERROR|FATAL|PANIC):/.test(said)) {
      throw new Error(`PostgreSQL ${how}: ${said.trim()}`)
    }
  } finally {
    closeSync(output)
    await removeGroups(ground.cgroups, ground.world, name)
    for (const path of [outputFile, places.statOf(name, 'database'), places.lockOf(name, 'database')]) {
      await rm(path, { force: true })
    }
  }
}
