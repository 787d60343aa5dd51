import fs from 'node:fs'
import path from 'node:path'
import { noteLimitBytes } from '../checkpoint/note.ts'
import { parseVerifierKey, witnessKeyType } from '../checkpoint/vkey.ts'
import type { Cosigned, EarlierCheckpoint } from './checkpoints.ts'
import type { Findings } from './findings.ts'

const storedLimit = 64

/** The cosigned checkpoints that lie beside the tree (`../witnessed/`); those that cannot be read are passed over. */
export function storedCosigned(tree: string): EarlierCheckpoint[] {
  const folder = path.join(tree, '..', 'witnessed')
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.checkpoint'))
      .slice(0, storedLimit)
      .flatMap((name) => {
        const file = path.join(folder, name)
        const isRead = fs.statSync(file).size <= noteLimitBytes
        return isRead ? [{ name: `witnessed/${name}`, bytes: fs.readFileSync(file) }] : []
      })
  } catch {
    return []
  }
}

/** Of each witness the newest word alone. */
export function newestOfEach(all: readonly Cosigned[]): Cosigned[] {
  const newest = new Map<string, Cosigned>()
  for (const one of all) {
    const before = newest.get(one.witness)
    if (
      !before ||
      one.size > before.size ||
      (one.size === before.size && one.timeSeconds > before.timeSeconds)
    )
      newest.set(one.witness, one)
  }
  return [...newest.values()]
}

/** A witness was asked for and nothing of it agrees with this log: whether it is the newest cannot be told. */
export function reportUnwitnessed(
  cosigned: readonly Cosigned[],
  witnesses: readonly string[],
  findings: Findings,
): void {
  for (const text of witnesses) {
    const key = parseVerifierKey(text, witnessKeyType)
    if (key.verdict !== 'verified' || cosigned.some(({ witness }) => witness === key.name)) continue
    findings.add({
      severity: 'undecided',
      code: 'cosignature_missing',
      file: '',
      expected: `a checkpoint of this log that ${key.name} cosigned`,
      message:
        'no word of this witness agrees with this log: nothing outside says that it is whole and the newest',
    })
  }
}
