import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../kernel/errors.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { cosignaturesOf } from '../tree/cosignature.ts'
import { rootAt } from '../tree/prove.ts'
import type { Log } from './log.ts'

/** The newest checkpoint that one witness cosigned, with the log's signature and its own. */
export type Cosigned = { name: string; key: string; size: number; timeSeconds: number; note: string }

/** What witnesses said of this log, each in a file of its own that a verifier takes as an earlier checkpoint. */
export type CosignedCheckpoints = {
  /**
   * Takes a checkpoint of this log with the line of a witness that it knows. AppError `bad_request` when a signature does
   * not hold or the tree was never this log's: nobody can put words into a witness's mouth.
   */
  add(note: string): Promise<Cosigned>
  /** One for each witness that said something, in the order in which they are known. */
  list(): Cosigned[]
}

/** Reads what is there; a file that does not hold is left as it is and counts as nothing said. */
export function openCosigned(given: {
  folder: string
  witnesses: readonly string[]
  log: Pick<Log, 'signer' | 'tiles'>
}): CosignedCheckpoints {
  const { folder, witnesses, log } = given
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (key: string) => join(folder, `${key.split('+')[1]}.checkpoint`)
  const read = (key: string): Cosigned | undefined => {
    try {
      return parse(readFileSync(fileOf(key), 'utf8'), key)
    } catch {
      return undefined
    }
  }
  const parse = (note: string, key: string): Cosigned | undefined => {
    const head = openCheckpoint(note, log.signer.vkey)
    const [said] = cosignaturesOf(note, [key])
    return head && said && { name: said.name, key, size: head.size, timeSeconds: said.timeSeconds, note }
  }
  const newest = new Map(witnesses.map((key) => [key, read(key)]))

  return {
    async add(note) {
      const head = openCheckpoint(note, log.signer.vkey)
      const key = witnesses.find((one) => cosignaturesOf(note, [one]).length > 0)
      const said = key === undefined ? undefined : parse(note, key)
      if (!head || !said || key === undefined)
        throw new AppError(
          'bad_request',
          'This is no checkpoint of this log that a witness it knows cosigned.',
        )
      const isOurs =
        head.size <= log.tiles.size && (await rootAt(head.size, log.tiles.hashes)).equals(head.root)
      if (!isOurs)
        throw new AppError(
          'conflict',
          `The ${head.size} entries that ${said.name} cosigned are not those of this log.`,
          {
            remedy:
              'This log was rewritten or rolled back. Keep its folder as evidence; `borgen log verify` names the place.',
          },
        )
      const before = newest.get(key)
      // Two answers may overtake each other.
      if (before && (before.size > said.size || before.timeSeconds > said.timeSeconds)) return before
      write(
        fileOf(key),
        `${note.slice(0, note.lastIndexOf('\n\n') + 2)}${ownLine(note, log.signer.origin)}${lineOf(note, key)}`,
      )
      newest.set(key, said)
      return said
    },
    list: () => [...newest.values()].flatMap((one) => one ?? []),
  }
}

function ownLine(note: string, origin: string): string {
  const lines = note.slice(note.lastIndexOf('\n\n') + 2).split('\n')
  return lines.flatMap((line) => (line.startsWith(`\u2014 ${origin} `) ? `${line}\n` : [])).join('')
}

function lineOf(note: string, key: string): string {
  return cosignaturesOf(note, [key])[0]!.line
}

function write(file: string, text: string): void {
  const fd = openSync(`${file}.new`, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${file}.new`, file)
}
