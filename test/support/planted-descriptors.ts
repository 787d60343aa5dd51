import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** What a shell had open when it started a world: a file to write, a folder, another folder under a high number. */
export type Planted = { stdio: (number | 'ignore' | 'pipe')[]; paths: string[]; close(): void }

const numbers = { file: 9, folder: 77, high: 251 }

/** Descriptors to start a program with, beyond these standard ones, as an interactive shell or an editor leaves them. */
export function plantDescriptors(folder: string, standard: ('ignore' | 'pipe')[]): Planted {
  const paths = [join(folder, 'planted-file'), join(folder, 'planted-folder'), join(folder, 'planted-high')]
  const [file, first, second] = paths as [string, string, string]
  writeFileSync(file, 'of the host')
  for (const one of [first, second]) mkdirSync(one, { recursive: true })
  const opened = [openSync(file, 'r+'), openSync(first, 'r'), openSync(second, 'r')] as const
  const stdio: Planted['stdio'] = Array.from({ length: numbers.high + 1 }, () => 'ignore')
  standard.forEach((one, number) => {
    stdio[number] = one
  })
  stdio[numbers.file] = opened[0]
  stdio[numbers.folder] = opened[1]
  stdio[numbers.high] = opened[2]
  return {
    stdio,
    paths,
    close: () => {
      for (const one of opened) closeSync(one)
    },
  }
}

/** What a process has open, beyond the standard three unless asked otherwise: what each leads to, and whether it would be handed on. */
export function descriptorsOf(
  pid: number | 'self',
  from = 3,
): { number: number; target: string; handedOn: boolean }[] {
  return openOf(pid).flatMap((name) => {
    if (Number(name) < from) return []
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${name}`)
      const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8'))?.[1]
      const handedOn = (Number.parseInt(flags ?? '0', 8) & 0o2000000) === 0
      return [{ number: Number(name), target, handedOn }]
    } catch {
      return []
    }
  })
}

/** None of a process that is gone, or another user's. */
function openOf(pid: number | 'self'): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}
