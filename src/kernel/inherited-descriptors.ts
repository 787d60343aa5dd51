import { closeSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { getCACertificates } from 'node:tls'

const closedOnExec = 0o2000000

/**
 * Closes every descriptor beyond the standard three that this process was handed and would hand on: a shell's open
 * folder, reached from inside an instance, is a way around every mount. What Node opens itself is marked close-on-exec
 * and stays. Returns the numbers that were closed.
 */
export function closeInheritedDescriptors(): number[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS
  // Node reads this file on a thread of its own, by a descriptor that is not marked: closed under its hands, the next file to
  // get the number would be closed in its place. This waits until it has been read.
  if (extra) getCACertificates('extra')
  const inherited = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((number) => number > 2 && isHandedOn(number) && !(extra && leadsTo(number, extra)))
  for (const number of inherited) closeSync(number)
  return inherited
}

/** Whether it is open on this very file, which is public. */
function leadsTo(number: number, file: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${number}`) === realpathSync(file)
  } catch {
    return false
  }
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
