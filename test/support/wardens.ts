import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Boot } from '../../src/kernel/boot.ts'
import type { CrashStep } from '../../src/warden/crash-point.ts'

export type WardenProcess = {
  pid: number
  ended: Promise<void>
  kill(signal: NodeJS.Signals): Promise<void>
  said(): string
}

/** Starts a warden as a process of its own, to die at `crashAt` when given; resolves when it serves or has died. */
export async function spawnWarden(
  boot: Boot,
  options: { slots: number; crashAt?: CrashStep },
): Promise<WardenProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'warden-process.ts'), String(options.slots)],
    {
      env: { ...process.env, ...(options.crashAt ? { BORGEN_CRASH_AT: options.crashAt } : {}) },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  const bootPipe = child.stdio[3] as Writable
  bootPipe.on('error', () => {})
  bootPipe.end(JSON.stringify(boot))
  let said = ''
  const ended = once(child, 'exit').then(() => {})
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr] as Readable[]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('READY\n')) resolve()
      })
    }
  })
  await Promise.race([ready, ended])
  return {
    pid: child.pid ?? 0,
    ended,
    said: () => said,
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
    },
  }
}
