import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { layout } from '../../kernel/layout.ts'
import type { Sabotage, SabotagedWorld } from './sabotage.ts'

/** What was done, with the true bytes; lies where root alone can read it. */
const recordSchema = z.object({ file: z.string(), whole: z.base64(), damagedSha256: z.string() })
type Done = z.infer<typeof recordSchema>

const BUNDLE_ENTRIES = 256
const LAST_COMMITMENT = /"c":"[0-9a-f]{63}([0-9a-f])"/g

/**
 * Rewrites one entry of the log on its disk, as somebody with root's power would: another commitment in the first bundle,
 * everything else as it was. Nothing that the log needs in order to go on depends on it, so it goes on taking changes.
 */
export const logSabotage: Sabotage = {
  what: 'log',
  async broken(world) {
    const done = await recordOf(world)
    return done !== undefined && (await damagedFiles(world, done)).length > 0
  },
  async break(world) {
    const done = await recordOf(world)
    if (done && (await damagedFiles(world, done)).length > 0) return
    const file = await firstBundle(world)
    if (file === undefined) return
    const whole = await readFile(join(treeOf(world), file))
    const damaged = rewriteOneEntry(whole)
    const record: Done = { file, whole: whole.toString('base64'), damagedSha256: sha256(damaged) }
    await mkdir(folderOf(world), { recursive: true, mode: 0o700 })
    await writeFile(recordFile(world), JSON.stringify(record), { mode: 0o600, flush: true })
    await overwrite(join(treeOf(world), file), damaged)
  },
  async mend(world) {
    const done = await recordOf(world)
    if (!done) return
    // The log may have noticed, set the file aside and written its own again: then what was set aside goes.
    for (const path of await damagedFiles(world, done))
      if (path.startsWith(treeOf(world))) await overwrite(path, Buffer.from(done.whole, 'base64'))
    for (const path of await damagedFiles(world, done)) await rm(path, { force: true })
    await rm(recordFile(world), { force: true })
  },
}

const treeOf = ({ dataDir }: SabotagedWorld) => join(layout.ledger(dataDir), 'tree')
const asideOf = ({ dataDir }: SabotagedWorld) => join(layout.ledger(dataDir), 'altered')
const folderOf = ({ dataDir }: SabotagedWorld) => join(dataDir, 'demo', 'sabotage')
const recordFile = (world: SabotagedWorld) => join(folderOf(world), 'log.json')

async function recordOf(world: SabotagedWorld): Promise<Done | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordFile(world), 'utf8')))
  } catch {
    return undefined
  }
}

/** Where the damaged bytes lie now: in the tree, or set aside by the log that noticed them. */
async function damagedFiles(world: SabotagedWorld, { file, damagedSha256 }: Done): Promise<string[]> {
  const aside = await readdir(asideOf(world)).catch((): string[] => [])
  const found: string[] = []
  for (const path of [join(treeOf(world), file), ...aside.map((name) => join(asideOf(world), name))]) {
    const bytes = await readFile(path).catch(() => undefined)
    if (bytes && sha256(bytes) === damagedSha256) found.push(path)
  }
  return found
}

/** The first bundle of entries: the full one, or the widest of the unfinished ones. */
async function firstBundle(world: SabotagedWorld): Promise<string | undefined> {
  const folder = join(treeOf(world), 'tile', 'entries')
  const names = await readdir(folder).catch((): string[] => [])
  if (names.includes('000')) return 'tile/entries/000'
  const widths = (await readdir(join(folder, '000.p')).catch((): string[] => [])).map(Number)
  const width = Math.max(...widths.filter((one) => one > 0 && one < BUNDLE_ENTRIES))
  return Number.isFinite(width) ? `tile/entries/000.p/${width}` : undefined
}

/** The same bundle with one digit of one commitment changed. */
function rewriteOneEntry(bundle: Buffer): Buffer {
  const text = bundle.toString('latin1')
  const all = [...text.matchAll(LAST_COMMITMENT)]
  const one = all[Math.floor(all.length / 2)]
  if (!one) throw new Error('The log’s first bundle holds no entry.')
  const at = one.index + one[0].length - 2
  const damaged = Buffer.from(bundle)
  damaged.write(one[1] === '0' ? '1' : '0', at, 'latin1')
  return damaged
}

/** In place, so that owner and modes stay; the file has this length already, or is the log's own again and stays. */
async function overwrite(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+').catch(() => undefined)
  if (!file) return
  try {
    if ((await file.stat()).size === bytes.length) await file.write(bytes, 0, bytes.length, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
