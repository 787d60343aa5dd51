import { randomBytes } from 'node:crypto'
import type { Db } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { type Actor, actorRef, isHost } from '../actor.ts'
import { hashOfToken } from '../secret-token.ts'
import { type ApprovalRow, codeByHash, insertCode } from './store.ts'

const LIFE_MS = 10 * 60 * 1000
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 26

/** A proof by code names the code's row and who made it; the code itself is nowhere. */
export type CodeProof = { method: 'code'; code: string; madeBy: string }

/**
 * Makes a code of 130 random bits by which one person approves one thing once, within ten minutes; for who has no passkey at
 * hand. It is made on the host alone, and never by who asked for the approval: then one would do what takes two.
 */
export async function makeCode(
  db: Db,
  { approval, person, actor, now }: { approval: ApprovalRow; person: string; actor: Actor; now: number },
): Promise<{ code: string; expiresAt: number }> {
  requireMayMakeCode(approval, actor)
  let plain = ''
  for (const byte of randomBytes(LENGTH)) plain += ALPHABET[byte & 31]
  const expires_at = now + LIFE_MS
  await insertCode(db, {
    id: newId('cod'),
    approval: approval.id,
    person,
    code_hash: hashOfToken(plain),
    made_by: actorRef(actor),
    created_at: now,
    expires_at,
    used_at: null,
  })
  return { code: plain.replace(/(.{5})(?=.)/g, '$1-'), expiresAt: expires_at }
}

/** Throws `forbidden` unless this is the host's own token, and not the one by which the approval was asked for. */
export function requireMayMakeCode(approval: Pick<ApprovalRow, 'requested_by'>, actor: Actor): void {
  if (actor.kind !== 'token' || !isHost(actor))
    throw new AppError('forbidden', 'Codes are made on the host alone.', {
      remedy: 'Run `borgen approve-code` on the machine that Borgen runs on, as the user who started it.',
    })
  if (approval.requested_by === actorRef(actor))
    throw new AppError('forbidden', 'Whoever asked for this cannot also make the code that approves it.', {
      remedy: 'Approve it with a passkey in the console, or ask for it in the console instead.',
    })
}

/** Whose code this is for this approval; `forbidden` when it is unknown, used, too old, or for something else. */
export async function ownerOfCode(
  db: Db,
  approval: Pick<ApprovalRow, 'id'>,
  given: string,
  now: number,
): Promise<{ id: string; person: string; proof: CodeProof }> {
  const plain = given.toLowerCase().replaceAll(/[\s-]/g, '')
  const row = await codeByHash(db, hashOfToken(plain), now)
  if (row?.approval !== approval.id)
    throw new AppError(
      'forbidden',
      'This code is unknown, was used before, is too old, or is for another approval.',
      {
        remedy: 'Make a new one on the host: `borgen approve-code`.',
      },
    )
  return { id: row.id, person: row.person, proof: { method: 'code', code: row.id, madeBy: row.made_by } }
}
