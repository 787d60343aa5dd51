import type { Actor } from '../../access/actor.ts'
import { isPermitted } from '../../access/authorise.ts'
import { listPeople, type PersonRow, tokenById } from '../../access/store.ts'
import type { Db } from '../../kernel/db.ts'

/** Who is who, for showing: people and tokens by the references that rows and the log hold. */
export type Names = { id: string; name: string }

/** The people whom the policy lets approve, and everybody's names. */
export async function peopleAndApprovers(db: Db): Promise<{ people: PersonRow[]; approvers: string[] }> {
  const people = await listPeople(db)
  const approvers = people
    .filter((one) => one.disabled_at === null)
    .filter((one) =>
      isPermitted({ kind: 'person', id: one.id, role: one.role, behind: [] }, 'approval.approve', {
        type: 'World',
        id: 'world',
      }),
    )
    .map((one) => one.id)
  return { people, approvers }
}

/** Who stands behind a reference such as `person:per_…`, `token:tok_…` or a bare person's id. */
export async function nameOf(db: Db, people: readonly PersonRow[], reference: string): Promise<Names> {
  const id = reference.slice(reference.indexOf(':') + 1)
  const person = people.find((one) => one.id === id)
  if (person) return { id, name: person.name }
  if (reference.startsWith('token:')) return { id, name: (await tokenById(db, id))?.name ?? 'a token' }
  return { id, name: id }
}

/** The person who acts, when it is one. */
export const personOf = (actor: Actor): string | undefined => (actor.kind === 'person' ? actor.id : undefined)
