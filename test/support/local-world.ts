import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DriverUnderTest } from '../../src/drivers/instances/contract/instance-driver-contract.ts'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import type { Without } from '../../src/warden/machine.ts'
import { addRelease, ask, makeWorld, specOf, startTestWarden } from './instances.ts'

/** The local driver in a world of its own, for the contract; `without` bubblewrap when told so. */
export async function makeLocalWorld(without: Without = {}): Promise<DriverUnderTest> {
  const { boot, dispose } = await makeWorld()
  const warden = await startTestWarden(boot, { without })
  const release = await addRelease(boot.dataDir, 'tiny')
  const processes = (instance: string) => warden.processesOf(instance)
  return {
    driver: createLocalInstanceDriver({ dataDir: boot.dataDir }),
    healthy: () => specOf(release),
    sick: (line) => specOf(release, { environment: { TINY_FAILS: line } }),
    write: async (socket, note) => {
      await ask(socket, `/visit?note=${encodeURIComponent(note)}`)
    },
    read: async (socket) => (await ask(socket, '/visits')).body as { notes: string[]; file: string | null },
    running: async (instance) => processes(instance).filter(({ isInit }) => isInit).length,
    remains: async (instance) => {
      const names: string[] = processes(instance).map(({ pid }) => `process ${pid}`)
      for (const folder of ['instances', 'warden/running', 'warden/trash', 'run/warden/observed']) {
        const found = await readdir(join(boot.dataDir, folder))
        names.push(...found.filter((name) => name.includes(instance)).map((name) => `${folder}/${name}`))
      }
      for (const controller of ['memory', 'pids', 'cpu', 'unified']) {
        const group = join('/sys/fs/cgroup', controller, warden.world, instance)
        if (existsSync(group)) names.push(group)
      }
      return names
    },
    dispose: async () => {
      await warden.close()
      await dispose()
    },
  }
}
