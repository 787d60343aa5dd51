import { readFileSync } from 'node:fs'

/** What the kernel says a process in a sandbox has and should not have, or lacks and should have; nothing when it is gone. */
export function lacksOf(pid: number, uid: number, isFiltered: boolean): string[] {
  let status: string
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return []
  }
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1]
  const lacks: string[] = []
  if (
    field('Uid')
      ?.split('\t')
      .some((one) => Number(one) !== uid)
  )
    lacks.push('another user')
  for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    if (!/^0+$/.test(field(set) ?? '0')) lacks.push(`powers (${set})`)
  if (field('NoNewPrivs') === '0') lacks.push('it may gain powers')
  if (isFiltered && field('Seccomp') !== '2') lacks.push('no system call filter')
  return lacks
}
