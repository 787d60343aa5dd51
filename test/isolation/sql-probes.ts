import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import type { Boot } from '../../src/kernel/boot.ts'
import { chownTree } from '../../src/kernel/postgres-binaries.ts'
import { databasePlan, isDatabaseReady } from '../../src/warden/database-sandbox.ts'
import { endSandbox, launchSandbox } from '../../src/warden/sandbox.ts'
import { readIdentity } from '../../src/warden/slots.ts'
import { specOf, type TestWarden } from '../support/instances.ts'
import type { planted, Sinks } from './sinks.ts'

type World = {
  boot: Boot
  warden: TestWarden
  openFolder: string
  sinks: Sinks
  planted: typeof planted
  openSocket: string
  prober: string
}

export type ProbeResult = {
  from: string
  name: string
  control: string
  controlReached: boolean
  reached: boolean
  detail: string
}

/** An attack in SQL; `sink` tells by a listener's count whether it arrived, whatever PostgreSQL says of it. */
type Attack = { name: string; sql: string; sink?: string }

function attacksOn(world: World): Attack[] {
  const { metadata, loopback } = world.planted
  const link = (name: string, host: string, port: number) =>
    `SELECT dblink_connect('${name}', 'host=${host} port=${port} user=x dbname=x connect_timeout=2 sslmode=disable gssencmode=disable')`
  return [
    { name: 'COPY TO PROGRAM', sql: "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'" },
    { name: 'COPY FROM PROGRAM', sql: "COPY probe FROM PROGRAM 'echo x'" },
    { name: 'pg_read_file outside', sql: `SELECT pg_read_file('${join(world.openFolder, 'plain')}')` },
    { name: 'pg_ls_dir outside', sql: `SELECT pg_ls_dir('${world.openFolder}')` },
    {
      name: 'COPY to a file outside',
      sql: `COPY (SELECT 1) TO '${join(world.openFolder, 'written-by-sql')}'`,
    },
    { name: 'a link to cloud metadata', sql: link('a', metadata.host, metadata.port), sink: 'metadata' },
    { name: "a link to the host's loopback", sql: link('b', loopback.host, loopback.port), sink: 'loopback' },
    { name: 'a link to a socket outside', sql: link('c', world.openFolder, 5432), sink: world.openSocket },
  ]
}

/**
 * PostgreSQL fallen to an attacker who is its superuser: the same attacks on a server in its sandbox and, as the
 * control, on one of the same binaries and data outside.
 */
export async function sqlProbes(world: World): Promise<ProbeResult[]> {
  const { ground } = world.warden
  const driver = createLocalInstanceDriver({ dataDir: world.boot.dataDir })
  const spec = specOf(world.prober, { start: ['node', 'prober.mjs'] })
  await driver.writer.start(spec)
  await driver.writer.stop(spec.instance)
  const folder = ground.places.instance(spec.instance)
  const owner = await readIdentity(folder)
  if (!owner) throw new Error('the instance has no identity')
  // The configuration of every instance, but for who may sign in.
  const conf = join(world.boot.dataDir, 'conf-with-trust')
  await cp(ground.places.postgresConf, conf, { recursive: true })
  await writeFile(join(conf, 'pg_hba.conf'), 'local all all trust\n')

  const outside = join(world.boot.dataDir, 'control-cluster')
  await cp(folder.pg, outside, { recursive: true })
  const sockets = join(world.boot.dataDir, 'control-sockets')
  await mkdir(sockets)
  await chownTree(outside, 65534, 65534)
  await chownTree(sockets, 65534, 65534)
  const control = spawn(
    join(ground.database.binaries.bin, 'postgres'),
    [
      '-D',
      outside,
      '-c',
      `config_file=${conf}/postgresql.conf`,
      '-c',
      `hba_file=${conf}/pg_hba.conf`,
      '-c',
      `ident_file=${conf}/pg_ident.conf`,
      '-c',
      `unix_socket_directories=${sockets}`,
    ],
    { uid: 65534, gid: 65534, stdio: 'ignore', env: { PATH: '/usr/bin:/bin' }, cwd: outside },
  )
  const output = openSync(join(world.boot.dataDir, 'sql-probe-output'), 'a')
  const sandbox = await launchSandbox({
    plan: databasePlan({ ...ground.database, conf }, folder),
    machine: ground.machine,
    owner,
    stdout: output,
    stderr: output,
    statFile: ground.places.statOf(spec.instance, 'database'),
    lockFile: ground.places.lockOf(spec.instance, 'database'),
    cgroups: [],
    limits: { fileSizeMiB: 64 },
    marker: ground.markerOf(spec.instance),
  })
  try {
    for (const pgData of [outside, folder.pg]) while (!isDatabaseReady({ pg: pgData })) await delay(5)
    const outsideAnswers = await attack(world, sockets)
    const insideAnswers = await attack(world, folder.db)
    return insideAnswers.map((inside, index) => ({
      from: 'SQL as superuser',
      name: inside.name,
      reached: inside.reached,
      detail: inside.detail,
      controlReached: outsideAnswers[index]?.reached ?? false,
      control: outsideAnswers[index]?.detail ?? 'did not run',
    }))
  } finally {
    await endSandbox(sandbox, 'SIGINT', 5000)
    control.kill('SIGINT')
    closeSync(output)
  }
}

async function attack(
  world: World,
  host: string,
): Promise<{ name: string; reached: boolean; detail: string }[]> {
  const client = new pg.Client({ host, user: 'postgres', database: 'app' })
  await client.connect()
  await client.query('CREATE EXTENSION IF NOT EXISTS dblink')
  await client.query('CREATE TABLE IF NOT EXISTS probe (line text)')
  const answers = []
  for (const { name, sql, sink } of attacksOn(world)) {
    const before = sink === undefined ? 0 : world.sinks.reachedBy(sink)
    const failed = await client.query(sql).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    const reached = sink === undefined ? failed === undefined : world.sinks.reachedBy(sink) > before
    answers.push({ name, reached, detail: failed ?? 'done' })
  }
  await client.end()
  return answers
}
