import type { WitnessWriter } from '../../../drivers/witnesses/contract/witness.ts'
import { isAppError } from '../../../kernel/errors.ts'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import { submissionTo } from './decide.ts'
import type { WitnessState } from './store.ts'

type Outcome = { state: WitnessState; reason: string | null }

/**
 * Carries the log's newest checkpoint, with the proof that it only grew, to a witness, and what the witness says back to the
 * log, which verifies it with the witness's key. Repeating it is harmless; `seen` is what the witness was last known to know.
 */
export async function cosignNewest(
  ledger: Pick<LedgerClient, 'checkpoint' | 'consistencyProof' | 'addCosignature'>,
  witness: WitnessWriter,
  seen: { size: number },
): Promise<Outcome> {
  const checkpoint = await ledger.checkpoint()
  const size = Number(checkpoint.split('\n')[1])
  // Once more where the witness tells another size than we remembered.
  for (let attempt = 0; attempt < 2; attempt++) {
    const decided = submissionTo(seen, { size })
    if (decided.kind === 'hopeless' && attempt > 0) return { state: 'refused', reason: decided.reason }
    // What we remember may be wrong, where the log itself was rolled back: the witness is asked.
    const old = decided.kind === 'send' ? decided.old : 0
    const proof = old > 0 && old < size ? (await ledger.consistencyProof(old, size)).hashes : []
    const answer = await ask(witness, { old, proof, checkpoint })
    if ('state' in answer) return answer
    if (answer.kind === 'cosigned') {
      try {
        await ledger.addCosignature(checkpoint + answer.lines)
      } catch (error) {
        if (!isAppError(error, 'bad_request') && !isAppError(error, 'conflict')) throw error
        return { state: 'refused', reason: `What it answered does not hold: ${error.message}` }
      }
      seen.size = size
      return { state: 'cosigned', reason: null }
    }
    if (answer.kind === 'refused')
      return { state: 'refused', reason: `It answered ${answer.status}: ${answer.why}.` }
    seen.size = answer.size
  }
  return { state: 'silent', reason: 'It tells another size at each request.' }
}

async function ask(witness: WitnessWriter, request: Parameters<WitnessWriter['add']>[0]) {
  try {
    return await witness.add(request)
  } catch (error) {
    if (!isAppError(error, 'unavailable')) throw error
    return { state: 'silent' as const, reason: error.message }
  }
}
