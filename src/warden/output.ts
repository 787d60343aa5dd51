import { execFile, spawn } from 'node:child_process'
import { closeSync, constants, existsSync, fchmodSync, fstatSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Machine, programAt } from './machine.ts'
import type { InstanceFolder, LogName } from './places.ts'

const pauseMs = 1_000

/** What a sandbox writes to, and what carries it into a log. */
export type OutputPipe = {
  /** For what the instance cannot reach and ends with it: with this open nobody writes in vain, carrier or not. */
  bothEnds: number
  /** For the program. */
  writeEnd: number
  /**
   * Lets go of the pipe and leaves it to a program of its own, which outlives this process; resolves when the last
   * that could write has ended and all of it is in the file.
   */
  carry(): Promise<void>
}

type Log = {
  machine: Pick<Machine, 'prlimit' | 'flock'>
  folder: InstanceFolder
  name: LogName
  /** How much the log may take. */
  limitMiB: number
}

/**
 * A way out for an instance's lines that it can only write to: with the log itself it could take back what it wrote,
 * and would as long as nobody had read it.
 */
export async function openOutput(log: Log): Promise<OutputPipe> {
  const path = log.folder.pipeOf(log.name)
  // Nobody but its owner can open it anew, through /proc/self/fd either.
  if (!existsSync(path)) await promisify(execFile)(program('mkfifo'), ['--mode=600', path])
  // Both ways first, since opening one end waits for the other.
  const bothEnds = openSync(path, constants.O_RDWR)
  const writeEnd = openSync(path, constants.O_WRONLY)
  return {
    bothEnds,
    writeEnd,
    carry() {
      const carried = carryAll(log, true)
      for (const descriptor of [bothEnds, writeEnd]) closeSync(descriptor)
      return carried
    },
  }
}

/** Carries on, unless somebody does, what an instance writes that was started by an earlier warden. */
export function resumeOutput(log: Log): void {
  if (existsSync(log.folder.pipeOf(log.name))) void carryAll(log, false)
}

/** Until nobody is left who could write; a carrier that was killed is replaced. */
async function carryAll(log: Log, inTurn: boolean): Promise<void> {
  while (!(await carryOnce(log, inTurn))) await delay(pauseMs, undefined, { ref: false })
}

// One at a time, or lines would be torn: whoever holds the log's lock. Another one waits for its turn, or leaves it be.
const carrier = '"$1" "$2" 1 || exit 0; shift 2; exec "$@"'

/** Whether there is nothing more to carry. */
function carryOnce({ machine, folder, name, limitMiB }: Log, inTurn: boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const opened: number[] = []
  const open = (path: string, flags: string | number) => {
    const descriptor = openSync(path, flags, 0o660)
    opened.push(descriptor)
    return descriptor
  }
  try {
    open(folder.pipeOf(name), constants.O_RDWR)
    const readEnd = open(folder.pipeOf(name), constants.O_RDONLY)
    const file = open(folder.logOf(name), 'a')
    // The worker carries it on, and frees the room of what it carried.
    fchmodSync(file, 0o660)
    const bounds = ['--core=0', `--fsize=${fstatSync(file).size + limitMiB * 1024 * 1024}`]
    const turn = inTurn ? '--exclusive' : '--nonblock'
    const child = spawn(
      '/bin/sh',
      ['-c', carrier, 'borgen-output', machine.flock, turn, machine.prlimit, ...bounds, program('cat')],
      { cwd: '/', detached: true, env: {}, stdio: [readEnd, file, 'ignore'] },
    )
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
    child.unref()
  } catch {
    // Destroyed meanwhile.
    resolve(true)
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
  return promise
}

function program(name: string): string {
  const path = programAt(name)
  if (!path) throw new Error(`${name} is missing: install the package coreutils.`)
  return path
}
