import fs from 'node:fs'
import { fromHex, fromUtf8, printable } from '../bytes.ts'
import { parseVerifierKey, witnessKeyType } from '../checkpoint/vkey.ts'
import { hashSizeBytes } from '../merkle/hash.ts'
import { UsageError } from './exit.ts'

const limitBytes = 1024 * 1024

/** The bytes of a file that the user named, up to 1 MiB. */
export function readInput(file: string): Buffer {
  try {
    const size = fs.statSync(file).size
    if (size > limitBytes) throw new UsageError(`${printable(file)} is longer than 1 MiB: no such file is`)
    return fs.readFileSync(file)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new UsageError(`${printable(file)} cannot be read (${reason})`)
  }
}

/** The text of a file that the user named; bytes that are not UTF-8 give text that is no JSON. */
export function readInputText(file: string): string {
  return fromUtf8(readInput(file)) ?? ''
}

/** A key given as such, or as a file that holds it on one line. */
export function readKey(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const direct = parseVerifierKey(given)
  if (direct.verdict === 'verified') return given
  if (!fs.existsSync(given))
    throw new UsageError(`--key is neither a key (${direct.message}) nor a file that exists`)
  const text = readInputText(given).trim()
  const key = parseVerifierKey(text)
  if (key.verdict !== 'verified') throw new UsageError(`--key: in ${printable(given)}, ${key.message}`)
  return text
}

/** Keys of witnesses, each given as such or as a file that holds it on one line. */
export function readWitnesses(given: readonly string[] = []): string[] {
  return given.map((one) => {
    if (parseVerifierKey(one, witnessKeyType).verdict === 'verified') return one
    if (!fs.existsSync(one))
      throw new UsageError('--witness is neither a key of a witness nor a file that exists')
    const text = readInputText(one).trim()
    const key = parseVerifierKey(text, witnessKeyType)
    if (key.verdict !== 'verified') throw new UsageError(`--witness: in ${printable(one)}, ${key.message}`)
    return text
  })
}

/** A hash given as 64 lower-case hex digits. */
export function readHash(option: string, given: string): Buffer {
  const hash = fromHex(given, hashSizeBytes)
  if (hash === undefined) throw new UsageError(`${option} takes 64 lower-case hex digits`)
  return hash
}
