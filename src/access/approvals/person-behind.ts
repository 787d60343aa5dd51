import type { Db } from '../../kernel/db.ts'
import type { Actor } from '../actor.ts'
import { tokenById } from '../store.ts'

const STEPS_AT_MOST = 10

/**
 * The person who answers for an actor: themselves, or who made the token, or who made the token that made it. Null for our own
 * processes and for the tokens that they made, such as that of the command line on the host: nobody can say who sits there.
 */
export async function personBehind(db: Db, actor: Actor): Promise<string | null> {
  if (actor.kind === 'person') return actor.id
  if (actor.kind === 'process') return null
  let maker = actor.createdBy
  for (let step = 0; step < STEPS_AT_MOST; step++) {
    const [kind, id] = maker.split(':')
    if (kind === 'person' && id) return id
    if (kind !== 'token' || !id) return null
    const token = await tokenById(db, id)
    if (!token) return null
    maker = token.created_by
  }
  return null
}
