import { isoOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { EXPIRING_MS } from '../pledges/attestations/prove.ts'
import { attestationsExpiring } from '../pledges/attestations/store.ts'
import type { Pledge } from '../pledges/pledge.ts'
import { annulledSince } from '../pledges/store.ts'
import { fileState, standingNow } from './overview/standing.ts'

const ANNULLED_SHOWN_MS = 30 * 86_400_000

/** What somebody should look at soon, each in a sentence with its remedy: nothing of it is a promise that is broken. */
export async function warningsOf(
  db: Db,
  { publishedFile, register, now }: { publishedFile: string; register: readonly Pledge[]; now: number },
): Promise<string[]> {
  const [file, expiring, annulled] = await Promise.all([
    standingNow(db, register).then((standing) => fileState(publishedFile, standing, register)),
    attestationsExpiring(db, now + EXPIRING_MS),
    annulledSince(db, now - ANNULLED_SHOWN_MS),
  ])
  return [
    ...(file.state === 'differs'
      ? [`${file.path} differs from the overview in force and changes nothing: \`borgen overview propose\`.`]
      : []),
    ...(file.state === 'bad'
      ? [`${file.path} has problems, and the next start would refuse it: \`borgen overview check\`.`]
      : []),
    ...expiring.map((one) =>
      one.expires_at <= now
        ? `What was signed of ${one.pledge} (${one.subject}) expired on ${dayOf(one.expires_at)}: have it signed anew.`
        : `What was signed of ${one.pledge} (${one.subject}) ends on ${dayOf(one.expires_at)}: have it signed anew before.`,
    ),
    ...annulled.map(
      (one) =>
        `An overview was annulled on ${dayOf(one.annulled_at!)}: ${one.annulled_because} Find out who wrote it.`,
    ),
  ]
}

const dayOf = (ms: number) => isoOf(ms).slice(0, 10)
