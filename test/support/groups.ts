import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Boot } from '../../src/kernel/boot.ts'
import { worldName } from '../../src/warden/ground.ts'

/** Name of a world's control groups and of its sandboxes' marker. */
export function worldOf(boot: Boot): string {
  return worldName(boot.config.worldId)
}

/** The control groups of an instance, or of the whole world for '', that are there. */
export function groupsOf(boot: Boot, instance: string): string[] {
  return ['memory', 'pids', 'cpu', 'unified', '.']
    .map((mount) => join('/sys/fs/cgroup', mount, worldOf(boot), instance))
    .filter((path) => existsSync(path))
}
