import { z } from 'zod'
import type { Carrier } from '../../changes/carrier.ts'
import { approveAttestation, attestationById } from '../../pledges/attestations/store.ts'
import type { Pledge } from '../../pledges/pledge.ts'
import { overviewInForce } from '../../pledges/store.ts'
import { isIntact } from './evidence.ts'

export const ATTESTATION_KIND = 'attestation.sign'

const payloadSchema = z.strictObject({
  attestation: z.string(),
  pledge: z.string(),
  part: z.string().nullable(),
  subject: z.string(),
  statement: z.string(),
  evidence: z.string().nullable(),
  expiresAt: z.number(),
})
export type AttestationPayload = z.infer<typeof payloadSchema>

/** Brings what a person signed into force once a second person agreed to it. */
export function attestationCarrier(register: readonly Pledge[], folder: string): Carrier {
  return {
    kind: ATTESTATION_KIND,
    async staleBecause(tx, content, now) {
      const asked = payloadSchema.parse(content.payload)
      const row = await attestationById(tx, asked.attestation)
      if (!row || row.approved_at !== null || row.withdrawn_at !== null)
        return 'What was signed is no longer there to be approved.'
      const { pledge, part, subject, statement, evidence_hash: evidence, expires_at: expiresAt } = row
      const is = { attestation: row.id, pledge, part, subject, statement, evidence, expiresAt }
      if (Object.entries(asked).some(([name, value]) => is[name as keyof typeof is] !== value))
        return 'What was signed was altered after it was asked for.'
      if (expiresAt <= now) return 'It has expired before anybody agreed to it.'
      const made = register.find((one) => one.id === pledge)
      if (!made || (part !== null && !(part in made.parts))) return 'There is no such promise any more.'
      const dropped = (await overviewInForce(tx))?.content[pledge]?.dropped ?? null
      if (dropped !== null) return 'The promise was dropped after this was signed.'
      if (evidence !== null && (await isIntact(folder, evidence)) !== 'intact')
        return 'The evidence is no longer the file that was attached.'
      return null
    },
    async carryOut(tx, { content, by, now }) {
      const { attestation, pledge, part, subject, evidence, expiresAt } = payloadSchema.parse(content.payload)
      await approveAttestation(tx, attestation, by, now)
      return {
        isDone: true,
        type: 'attestation.approved',
        event: { attestation, promise: pledge, part, subject, evidence, expiresAt },
      }
    },
  }
}
