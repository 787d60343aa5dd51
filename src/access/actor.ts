import type { Role } from './actions.ts'

/** Among `behind`: it is not known who else could be. */
export const UNKNOWN = 'unknown'

/** Who asks: a person with a session, an API token, or one of our own processes. */
export type Actor =
  | { kind: 'person'; id: string; role: Role; behind: readonly string[] }
  | {
      kind: 'token'
      id: string
      role: Role
      scopes: string[]
      createdBy: string
      behind: readonly string[]
    }
  | { kind: 'process'; id: string }

/** The actor as it stands in the log: kind and opaque id, never a name. */
export function actorRef(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}

/** Whether this is the host's own word: one of our processes, or the token that one made for the command line there. */
export function isHost(actor: Actor): boolean {
  return actor.kind === 'process' || (actor.kind === 'token' && actor.createdBy.startsWith('process:'))
}

/**
 * Every person who could be the one that acts: themselves, and whoever made the link, session or token that it came by,
 * transitively. Nobody on the host; `UNKNOWN` among them where that cannot be told.
 */
export function peopleBehind(actor: Actor): string[] {
  return isHost(actor) || actor.kind === 'process' ? [] : [...new Set(actor.behind)]
}

/** Those behind what an actor makes for others. A token that the host's own makes may be given to anybody. */
export function peopleBehindToken(maker: Actor): string[] {
  return maker.kind === 'token' && isHost(maker) ? [UNKNOWN] : peopleBehind(maker)
}
