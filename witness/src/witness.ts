import { type Checkpoint, parseCheckpoint, parseSize } from './checkpoint.ts'
import { EMPTY_ROOT, isConsistent } from './consistency.ts'
import { cosign, fromBase64, holds, type VerifierKey, type WitnessKey } from './keys.ts'
import type { Memory } from './memory.ts'

/** What is answered over HTTP. */
export type Answer = { status: number; type: string; body: string }

const PROOF_LIMIT = 63

/**
 * `add-checkpoint` of c2sp.org/tlog-witness. Cosigns a checkpoint only where a known log signed it and a proof shows that it
 * contains the last one that was cosigned; that is remembered before the answer is given. Runs to its end without letting
 * another request in between. Throws when its memory cannot be read or written.
 */
export function addCheckpoint(
  witness: { key: WitnessKey; logs: readonly VerifierKey[]; memory: Memory; nowMs: () => number },
  body: string,
): Answer {
  const request = parseRequest(body)
  if (request === undefined) return refusal(400, 'this is not an add-checkpoint request')
  const { old, hashes, checkpoint } = request
  const keys = witness.logs.filter((log) => log.name === checkpoint.origin)
  if (keys.length === 0) return refusal(404, 'this log is not known here')
  const signedBy = verifiedLines(checkpoint, keys)
  if (signedBy === undefined) return refusal(403, 'no known key of this log signed this checkpoint')
  if (old > checkpoint.size) return refusal(400, 'the old size is larger than the new one')

  const last = witness.memory.recall(checkpoint.origin)?.checkpoint ?? { size: 0n, root: EMPTY_ROOT }
  if (old !== last.size) return { status: 409, type: 'text/x.tlog.size', body: `${last.size}\n` }
  if (checkpoint.size === 0n && !checkpoint.root.equals(EMPTY_ROOT))
    return refusal(422, 'the root of an empty log is another')
  if (!isConsistent(last, checkpoint, hashes))
    return refusal(422, `this is not the log whose first ${last.size} entries were cosigned here`)

  const line = cosign(witness.key, checkpoint.text, Math.floor(witness.nowMs() / 1000))
  witness.memory.remember(checkpoint.origin, `${checkpoint.text}\n${signedBy.join('')}${line}`)
  return { status: 200, type: 'text/plain; charset=utf-8', body: line }
}

/** `<origin hash>/checkpoint`: the newest checkpoint that was cosigned, with the log's signature and our own. */
export function newestCheckpoint(
  witness: { logs: readonly VerifierKey[]; memory: Memory },
  hashOf: (origin: string) => string,
  asked: string,
): Answer {
  const log = witness.logs.find((one) => hashOf(one.name) === asked)
  const seen = log && witness.memory.recall(log.name)
  if (!seen) return refusal(404, 'no checkpoint of this log was cosigned here')
  return { status: 200, type: 'text/plain; charset=utf-8', body: seen.note }
}

/** The lines by known keys, all of which hold, at least one; undefined otherwise. */
function verifiedLines(checkpoint: Checkpoint, keys: readonly VerifierKey[]): string[] | undefined {
  const lines: string[] = []
  for (const { line, name, keyId, signature } of checkpoint.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId.equals(keyId))
    if (!key) continue
    if (!holds(key, checkpoint.text, signature)) return undefined
    lines.push(line)
  }
  return lines.length > 0 ? lines : undefined
}

function parseRequest(body: string): { old: bigint; hashes: Buffer[]; checkpoint: Checkpoint } | undefined {
  const end = body.indexOf('\n\n')
  const [first = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n')
  const old = parseSize(/^old (\d+)$/.exec(first)?.[1] ?? '')
  const hashes = lines.flatMap((line) => fromBase64(line) ?? [])
  const checkpoint = end < 0 ? undefined : parseCheckpoint(body.slice(end + 2))
  if (old === undefined || checkpoint === undefined || lines.length > PROOF_LIMIT) return undefined
  if (hashes.length !== lines.length || hashes.some((hash) => hash.length !== 32)) return undefined
  return { old, hashes, checkpoint }
}

function refusal(status: number, why: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${why}\n` }
}
