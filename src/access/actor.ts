import type { Role } from './actions.ts'

/** Who asks: a person with a session, an API token, or one of our own processes. */
export type Actor =
  | { kind: 'person'; id: string; role: Role }
  | { kind: 'token'; id: string; role: Role; scopes: string[]; createdBy: string }
  | { kind: 'process'; id: string }

/** The actor as it stands in the log: kind and opaque id, never a name. */
export function actorRef(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}
