import type { Code } from '../codes.ts'

/** What was noticed about a log, and where. */
export type Finding = {
  /** `damage`: the log is not what was signed. `undecided`: it could not be told. `remark`: worth knowing, no fault. */
  severity: 'damage' | 'undecided' | 'remark'
  code: Code
  /** Path below the tree folder, with slashes; of a checkpoint given by the caller, its name. */
  file: string
  /** Byte in the file. */
  offset?: number
  /** Number of the leaf. */
  index?: number
  found?: string
  expected?: string
  message: string
  /** How many more of the same kind this file has, beyond those listed. */
  more?: number
}

/** Collects findings up to a limit. */
export type Findings = { add(finding: Finding): void; list: Finding[]; isDamaged(file: string): boolean }

/** Thrown (and caught) inside this package when the limit of findings is reached: looking further would only repeat. */
export class LimitReached extends Error {}

const sameKindLimit = 8

/** Makes a collector that lists a few of each kind for each file, counts the rest of them, and throws `LimitReached` once it holds this many findings. */
export function collectFindings(limit: number): Findings {
  const list: Finding[] = []
  const damaged = new Set<string>()
  const seen = new Map<string, { count: number; last: Finding }>()
  return {
    list,
    isDamaged: (file) => damaged.has(file),
    add(finding) {
      const kind = `${finding.code} ${finding.file}`
      const count = (seen.get(kind)?.count ?? 0) + 1
      if (count > 1 && finding.offset === undefined && finding.index === undefined) return
      if (count > sameKindLimit) {
        const { last } = seen.get(kind)!
        last.more = (last.more ?? 0) + 1
        return
      }
      seen.set(kind, { count, last: finding })
      list.push(finding)
      if (finding.severity !== 'remark') damaged.add(finding.file)
      if (list.length >= limit) throw new LimitReached()
    },
  }
}

/** The first byte at which two byte strings differ. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i
  return end
}

/** What is said of a file that alone is left to vouch for its part of the tree, and does not lead to the hash above. */
export function aloneAndWrong(file: string): Finding {
  const message =
    'this does not lead to the hash above, and what could tell where it goes wrong is damaged or missing'
  return { severity: 'damage', code: 'subtree_differs', file, message }
}
