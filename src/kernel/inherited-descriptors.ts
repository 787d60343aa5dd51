import { closeSync, readdirSync, readFileSync } from 'node:fs'

const closedOnExec = 0o2000000

/**
 * Closes every descriptor beyond the standard three that this process was handed and would hand on: a shell's open
 * folder, reached from inside an instance, is a way around every mount. What Node opens itself is marked close-on-exec
 * and stays. Returns the numbers that were closed.
 */
export function closeInheritedDescriptors(): number[] {
  const inherited = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((number) => number > 2 && isHandedOn(number))
  for (const number of inherited) closeSync(number)
  return inherited
}

function isHandedOn(number: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '0', 8) & closedOnExec) === 0
  } catch {
    // The one by which the list itself was read.
    return false
  }
}
