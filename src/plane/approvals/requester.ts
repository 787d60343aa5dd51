import type { Actor } from '../../access/actor.ts'
import { personBehind } from '../../access/approvals/person-behind.ts'
import type { PersonRow } from '../../access/store.ts'
import type { Db } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'

/**
 * The person who asks for an approval, and so can never be the second one. The host's own token is nobody's: it names them (`by`);
 * it need not where only one person could approve, and may do so alone.
 */
export async function requesterOf(
  db: Db,
  actor: Actor,
  given: {
    by: string | undefined
    people: readonly PersonRow[]
    approvers: readonly string[]
    mayAlone: boolean
  },
): Promise<string | null> {
  const { by, people, approvers, mayAlone } = given
  const behind = await personBehind(db, actor)
  if (behind !== null) {
    const named = by === undefined ? undefined : people.find((one) => isOf(one, by))
    if (by !== undefined && named?.id !== behind)
      throw new AppError('bad_request', 'You ask for yourself, and can name nobody else.', {
        remedy: 'Leave out who asks.',
      })
    return behind
  }
  if (by !== undefined) {
    const named = people.find((one) => isOf(one, by) && one.disabled_at === null)
    if (!named)
      throw new AppError('bad_request', `Nobody here has the address ${by}.`, {
        remedy: 'Name a person who is on the list of people; `borgen sign-in-link` adds one.',
      })
    return named.id
  }
  if (approvers.length === 1 && mayAlone) return null
  throw new AppError('bad_request', 'It must be told who asks, so that another person can agree.', {
    remedy: 'Name them: `--by ada@vendor.test`. Or ask in the console, or with a token that they made there.',
  })
}

const isOf = (person: PersonRow, email: string) => person.email.toLowerCase() === email.toLowerCase()
