import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../kernel/errors.ts'
import { programAt } from '../machine.ts'

const outputLimitBytes = 256 * 1024
const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
let program: string | undefined

/** Where perl is; throws AppError `unavailable` where it is not. */
export function perl(): string {
  const path = programAt('perl')
  if (!path)
    throw new AppError('unavailable', 'Nothing on this machine can probe: perl is missing.', {
      remedy: 'Install the package perl-base.',
    })
  return path
}

/**
 * Runs the probe: `first` says from where (enter.pl), `lines` what is tried (probe.pl). Resolves with what it said, of which
 * only the part from inside can be trusted as far as the sandbox can; throws when it ended otherwise than by itself.
 */
export async function runProbe(
  first: readonly (string | number)[],
  lines: string,
  signal: AbortSignal,
  filterFile?: string,
): Promise<string> {
  program ??= `${read('enter.pl')}\n${read('probe.pl')}`
  const filter = filterFile === undefined ? 'ignore' : openSync(filterFile, 'r')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  try {
    // No option of spawn's may carry the signal: what must be killed is what it forked too, which its death signal does.
    const child = spawn(perl(), ['-e', program], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'pipe', filter],
    })
    const end = () => child.kill('SIGKILL')
    signal.addEventListener('abort', end, { once: true })
    let [said, complaint] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.length > outputLimitBytes) end()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 500)
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(`${first.join('\t')}\n${lines}`)
    child.on('error', reject)
    child.on('close', (code) => {
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(signal.reason)
      else if (code === 0) resolve(said)
      else
        reject(
          new AppError(
            'unavailable',
            `A probe could not be made: ${complaint.trim() || `it ended with ${code}`}.`,
          ),
        )
    })
    return await promise
  } finally {
    if (typeof filter === 'number') closeSync(filter)
  }
}
