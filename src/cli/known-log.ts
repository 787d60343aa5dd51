import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What this machine has seen of a log: its key, and the newest checkpoint that was verified. */
export type KnownLog = { vkey: string; checkpoint: string }

/** Where it is kept, for one user of this machine and one log. */
export function knownLogFile(env: NodeJS.ProcessEnv, origin: string): string {
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state')
  return join(
    state,
    'borgen',
    'logs',
    `${createHash('sha256').update(origin).digest('hex').slice(0, 32)}.json`,
  )
}

/** Undefined when this log was never verified here before. */
export function readKnownLog(file: string): KnownLog | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof found !== 'object' || found === null) return undefined
    const { vkey, checkpoint } = found as Partial<KnownLog>
    return typeof vkey === 'string' && typeof checkpoint === 'string' ? { vkey, checkpoint } : undefined
  } catch {
    return undefined
  }
}

/** Remembers a verified log; false when this user has nowhere to keep it. */
export function rememberLog(file: string, known: KnownLog): boolean {
  try {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 })
    renameSync(fresh, file)
    return true
  } catch {
    return false
  }
}
