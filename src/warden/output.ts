import { execFile, spawn } from 'node:child_process'
import { closeSync, constants, existsSync, fchmodSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Machine, programAt } from './machine.ts'
import type { InstanceFolder, LogName } from './places.ts'

/** What a sandbox writes to, and what carries it into a log. */
export type OutputPipe = {
  /** For the sandbox's standard streams. */
  writeEnd: number
  /**
   * Lets go of the pipe and leaves it to a program of its own, which outlives this process; resolves when the last
   * that could write has ended and all of it is in the file.
   */
  carry(): Promise<void>
}

/**
 * A way out for an instance's lines that it can only write to: with the log itself it could take back what it wrote,
 * and would as long as nobody had read it. The log takes at most `limitMiB`.
 */
export async function openOutput(
  machine: Pick<Machine, 'prlimit'>,
  folder: InstanceFolder,
  name: LogName,
  limitMiB: number,
): Promise<OutputPipe> {
  const path = folder.pipeOf(name)
  const [mkfifo, cat] = [programAt('mkfifo'), programAt('cat')]
  if (!mkfifo || !cat) throw new Error('mkfifo or cat is missing: install the package coreutils.')
  // Nobody but its owner can open it anew, through /proc/self/fd either.
  if (!existsSync(path)) await promisify(execFile)(mkfifo, ['--mode=600', path])
  // Opened both ways first, since opening one end waits for the other.
  const both = openSync(path, constants.O_RDWR)
  const [readEnd, writeEnd] = [openSync(path, constants.O_RDONLY), openSync(path, constants.O_WRONLY)]
  return {
    writeEnd,
    carry() {
      const log = openSync(folder.logOf(name), 'a', 0o660)
      // The worker carries it on, and frees the room of what it carried.
      fchmodSync(log, 0o660)
      const { promise, resolve } = Promise.withResolvers<void>()
      const carrier = spawn(machine.prlimit, ['--core=0', `--fsize=${limitMiB * 1024 * 1024}`, cat], {
        cwd: '/',
        detached: true,
        env: {},
        stdio: [readEnd, log, 'ignore'],
      })
      carrier.on('error', () => resolve())
      carrier.on('exit', () => resolve())
      carrier.unref()
      for (const descriptor of [both, readEnd, writeEnd, log]) closeSync(descriptor)
      return promise
    },
  }
}
