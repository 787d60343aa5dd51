import { fromUtf8 } from '../bytes.ts'
import { parseVerifierKey } from '../checkpoint/vkey.ts'
import { type Rejection, reject } from '../codes.ts'
import type { Findings } from './findings.ts'
import { readTreeFile, reportUnreadable } from './tree-folder.ts'

/** Where the key came from: a key out of the folder proves only that the folder agrees with itself. */
export type KeyFrom = 'caller' | 'folder' | 'nowhere'

const file = 'vkey'
const limitBytes = 4096

/** The key to check with: the caller's, else the one in the folder; what is wrong with the folder's is reported. */
export function readVerifierKey(
  tree: string,
  given: string | undefined,
  findings: Findings,
): { key: string | undefined; keyFrom: KeyFrom } {
  const read = readTreeFile(tree, file, limitBytes)
  reportUnreadable(file, read, limitBytes, findings)
  const own = read.kind === 'read' ? parseFile(read.bytes) : undefined
  if (own && 'verdict' in own)
    findings.add({ severity: 'damage', code: own.code, file, message: own.message })
  const usable = own && 'text' in own ? own.text : undefined
  if (given !== undefined) {
    compare(given, read.kind === 'missing', usable, findings)
    return { key: given, keyFrom: 'caller' }
  }
  if (usable === undefined) {
    if (read.kind === 'missing')
      findings.add({
        severity: 'damage',
        code: 'file_missing',
        file,
        message: 'a log has its public key in this file',
      })
    const message = 'no key was given and the folder has none that can be used: signatures cannot be checked'
    findings.add({ severity: 'undecided', code: 'no_key', file, message })
    return { key: undefined, keyFrom: 'nowhere' }
  }
  const message =
    'the key was read from the folder itself: that proves only that the folder agrees with itself'
  findings.add({ severity: 'remark', code: 'key_from_folder', file, message })
  return { key: usable, keyFrom: 'folder' }
}

function parseFile(bytes: Buffer): { text: string } | Rejection {
  const text = fromUtf8(bytes)
  if (text === undefined || !text.endsWith('\n'))
    return reject('key_malformed', 'the file is not one line of UTF-8')
  const key = parseVerifierKey(text.slice(0, -1))
  return key.verdict === 'verified' ? { text: text.slice(0, -1) } : key
}

function compare(given: string, missing: boolean, own: string | undefined, findings: Findings): void {
  if (missing)
    findings.add({
      severity: 'remark',
      code: 'vkey_missing',
      file,
      message: 'the folder has no copy of the log’s public key; the given one was used',
    })
  if (own !== undefined && own !== given)
    findings.add({
      severity: 'damage',
      code: 'vkey_differs',
      file,
      found: own,
      expected: given,
      message: 'the folder’s copy of the public key is not the trusted one',
    })
}
