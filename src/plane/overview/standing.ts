import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Db } from '../../kernel/db.ts'
import type { YamlProblem } from '../../kernel/yaml.ts'
import { type Difference, differencesBetween, previewOf } from '../../pledges/differences.ts'
import { type PledgeInForce, pledgesInForce } from '../../pledges/in-force.ts'
import { compileOverview, contentOfOverview, type Overview } from '../../pledges/overview.ts'
import type { Pledge, Words } from '../../pledges/pledge.ts'
import { type OverviewRow, overviewInForce } from '../../pledges/store.ts'

/** What is promised by an overview, or by the register alone. */
export type Standing = {
  row: OverviewRow | undefined
  vendor: string | null
  promises: readonly PledgeInForce[]
}

/** What is promised now. */
export async function standingNow(db: Db, register: readonly Pledge[]): Promise<Standing> {
  const row = await overviewInForce(db)
  return standingOf(row, register)
}

export function standingOf(row: OverviewRow | undefined, register: readonly Pledge[]): Standing {
  return { row, vendor: vendorOf(row, register), promises: pledgesInForce(register, row) }
}

function vendorOf(row: OverviewRow | undefined, register: readonly Pledge[]): string | null {
  if (!row) return null
  const compiled = compileOverview(row.text, register)
  return compiled.ok ? compiled.overview.vendor : null
}

/** What an overview would change, and exactly what a person who approves it is shown. */
export function planOf(
  from: Standing,
  overview: Overview,
  register: readonly Pledge[],
): { differences: Difference[]; preview: Words[] } {
  const promises = pledgesInForce(register, { content: contentOfOverview(overview) })
  const differences = differencesBetween(from, { vendor: overview.vendor, promises })
  return { differences, preview: previewOf(differences, promises) }
}

export const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')

const fileSchema = z.object({
  path: z.string(),
  text: z.string().nullable(),
  problems: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      at: z.string(),
      found: z.string(),
      expected: z.string(),
      remedy: z.string(),
    }),
  ),
})

export type FileState = {
  path: string
  state: 'same' | 'differs' | 'absent' | 'bad'
  problems: YamlProblem[]
  differences: Difference[]
}

/**
 * How the overview.yaml on disk compares with what is in force; it is a proposal and changes nothing. `published` is where the
 * supervisor leaves what it read, because this process may not see the file itself.
 */
export async function fileState(
  published: string,
  now: Standing,
  register: readonly Pledge[],
): Promise<FileState> {
  const read = await readFile(published, 'utf8').then(
    (text) => fileSchema.safeParse(JSON.parse(text)).data,
    () => undefined,
  )
  const path = read?.path ?? 'overview.yaml'
  const as = (state: FileState['state'], more: Partial<FileState> = {}): FileState => ({
    path,
    state,
    problems: [],
    differences: [],
    ...more,
  })
  if (read && read.problems.length > 0) return as('bad', { problems: read.problems })
  if (!read || read.text === null) return as('absent')
  const compiled = compileOverview(read.text, register, path)
  if (!compiled.ok) return as('bad', { problems: compiled.problems })
  const { differences } = planOf(now, compiled.overview, register)
  return as(differences.length === 0 ? 'same' : 'differs', { differences })
}
