import { z } from 'zod'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import type { Words } from '../../../pledges/pledge.ts'
import { joined, listed, type Noun, named, sentence, share } from '../../../pledges/sentence.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'

/** With what it is tried to alter the log. */
export type AlterEyes = {
  ledger: Pick<LedgerClient, 'planted'>
  /** The warden's probe `log-store`: tries as the plane's users, and a control as the log's own. */
  probeLogStore(): Promise<unknown>
  /** Sends a request to the log's socket with the prover's own token; answers its status. */
  tryWord(method: string, path: string): Promise<number>
}

const PART = 'cannot-alter'
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'])
const tries = z.object({
  uid: z.number(),
  tries: z.array(z.object({ attempt: z.string(), outcome: z.string() })).min(1),
})
const probed = z.object({
  distinct: z.boolean(),
  users: z.array(tries.extend({ name: z.string() })),
  control: tries.nullable(),
})

const WORDS: readonly [string, string][] = ['DELETE', 'PUT', 'PATCH', 'POST'].flatMap((method) =>
  [
    '/entries/0',
    '/published/checkpoint',
    '/tile/entries/000',
    '/planted',
    '/altered',
    '/sealed',
    '/cosigned',
    '/append',
    '/cosignatures',
  ].map((path): [string, string] => [method, path]),
)

/** Whether those who are logged can alter or delete: tried on a planted segment, with a control, and at the log's socket. */
export async function proveCannotAlter(eyes: AlterEyes): Promise<Finding> {
  await eyes.ledger.planted()
  let store: z.infer<typeof probed>
  try {
    store = probed.parse(await eyes.probeLogStore())
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return {
      part: PART,
      state: 'unknown',
      reason: sentence(
        {
          en: 'Altering the log could not be tried: {because}',
          sv: 'Det gick inte att pröva att ändra loggen: {because}',
        },
        { because: because.slice(0, 200) },
      ),
    }
  }
  const [after, answers] = await Promise.all([eyes.ledger.planted(), tryWords(eyes)])
  return judgeAlter(store, after, answers)
}

async function tryWords(eyes: AlterEyes): Promise<{ word: string; status: number }[]> {
  const answers: { word: string; status: number }[] = [
    { word: 'GET /health', status: await eyes.tryWord('GET', '/health') },
  ]
  for (const [method, path] of WORDS)
    answers.push({ word: `${method} ${path}`, status: await eyes.tryWord(method, path) })
  return answers
}

const USERS: Noun = {
  en: ['user of the plane', 'users of the plane'],
  sv: ['användare i planet', 'användare i planet'],
}
const TRIES: Noun = { en: ['try', 'tries'], sv: ['försök', 'försök'] }
const SAME_USER: Words = {
  en: 'Same user: every process here runs as one user, who can alter and delete the log.',
  sv: 'Samma användare: alla processer här kör som en enda användare, som kan ändra och radera loggen.',
}
const START_AS_ROOT: Words = {
  en: 'Start as root, so that each process has a user of its own.',
  sv: 'Starta som root, så att varje process får en egen användare.',
}
const RESTORE: Words = {
  en: 'Restore owner and modes of the log’s folder (its own user, 0700), and find out who changed them.',
  sv: 'Återställ ägare och rättigheter för loggens mapp (dess egen användare, 0700), och ta reda på vem som ändrade dem.',
}
const NOT_AS_PLANTED: Words = {
  en: 'The planted segment is not as it was planted.',
  sv: 'Det planterade segmentet är inte som det planterades.',
}
const AS_USER = {
  en: 'a planted segment, as {name} (uid {uid})',
  sv: 'ett planterat segment, som {name} (uid {uid})',
} as const
const AS_CONTROL = {
  en: 'control: a copy of it, as the log’s own user (uid {uid})',
  sv: 'kontroll: en kopia av det, som loggens egen användare (uid {uid})',
} as const
const AT_SOCKET: Words = {
  en: 'the log’s socket: words that would alter or delete',
  sv: 'loggens socket: ord som skulle ändra eller radera',
}
const AFTERWARDS: Words = { en: 'the planted segment afterwards', sv: 'det planterade segmentet efteråt' }
const AS_PLANTED: Words = { en: 'as it was planted', sv: 'som det planterades' }
const ALTERED: Words = { en: 'altered', sv: 'ändrat' }
const GONE: Words = { en: 'gone', sv: 'borta' }
const REFUSED_ALL = { en: '{share} refused', sv: '{share} avvisade' } as const
const SUCCEEDED = {
  en: '{share} succeeded, as they must',
  sv: '{share} lyckades, som de måste',
} as const
const NOT_REFUSED = {
  en: 'As {name} it was not refused to {attempts}.',
  sv: 'Som {name} avvisades inte: {attempts}.',
} as const
const TOOK = { en: 'The log took {words}.', sv: 'Loggen tog emot {words}.' } as const
const CONTROL_FAILED = {
  en: 'even the log’s own user could not {attempt} ({outcome})',
  sv: 'inte ens loggens egen användare lyckades: {attempt} ({outcome})',
} as const
const ALL_REFUSED = {
  en: 'Refused to alter and delete a planted segment: {share}.',
  sv: 'Avvisades när de försökte ändra och radera ett planterat segment: {share}.',
} as const
/** What the warden's probe tries (warden/probes/alter-attempts.ts), in Swedish. */
const TRIED_IN_SWEDISH: Readonly<Record<string, string>> = {
  'open for writing': 'öppna för skrivning',
  'write over its beginning': 'skriva över början',
  append: 'lägga till',
  truncate: 'korta',
  'change its mode': 'ändra rättigheter',
  'change its times': 'ändra tider',
  'make a file beside it': 'skapa en fil bredvid',
  'make a folder beside it': 'skapa en mapp bredvid',
  'make a link beside it': 'skapa en länk bredvid',
  'rename it': 'byta namn',
  delete: 'radera',
}
const triedInWords = (attempt: string): Words => ({
  en: attempt,
  sv: TRIED_IN_SWEDISH[attempt] ?? attempt,
})

/** The verdict on the tries; what was not refused breaks it, and without a control that could do it all nothing is shown. */
export function judgeAlter(
  store: z.infer<typeof probed>,
  planted: { isThere: boolean; isAsPlanted: boolean },
  answers: readonly { word: string; status: number }[],
): Finding {
  if (!store.distinct)
    return {
      part: PART,
      state: 'broken',
      reason: SAME_USER,
      remedy: START_AS_ROOT,
    }
  const isDone = (outcome: string) => !REFUSED.has(outcome)
  const users = store.users.map(({ name, uid, tries: all }) => ({
    name,
    uid,
    count: all.length,
    done: all.filter(({ outcome }) => isDone(outcome)),
  }))
  const [health, ...words] = answers
  const taken = words.filter(({ status }) => status < 400)
  const evidence: Evidence[] = [
    ...users.map(({ name, uid, count, done }) => ({
      what: sentence(AS_USER, { name, uid: String(uid) }),
      seen:
        done.length === 0
          ? sentence(REFUSED_ALL, { share: share(count, count, TRIES) })
          : listed(done.map((one) => joined([triedInWords(one.attempt), one.outcome], ': '))),
      isAsPromised: done.length === 0,
    })),
    ...(store.control
      ? [
          {
            what: sentence(AS_CONTROL, { uid: String(store.control.uid) }),
            seen: sentence(SUCCEEDED, {
              share: share(
                store.control.tries.filter(({ outcome }) => outcome === 'done').length,
                store.control.tries.length,
                TRIES,
              ),
            }),
            isAsPromised: null,
          },
        ]
      : []),
    {
      what: AT_SOCKET,
      seen:
        taken.length === 0
          ? sentence(REFUSED_ALL, { share: share(words.length, words.length, TRIES) })
          : listed(taken.map(({ word, status }) => `${word}: ${status}`)),
      isAsPromised: taken.length === 0,
    },
    {
      what: AFTERWARDS,
      seen: planted.isAsPlanted ? AS_PLANTED : planted.isThere ? ALTERED : GONE,
      isAsPromised: planted.isAsPlanted,
    },
  ]
  const kept = users.filter(({ done }) => done.length === 0).length
  const found = {
    part: PART,
    evidence,
    population: { all: users.length, examined: users.length, kept, of: named(users.length, USERS) },
  }
  const breaches = [
    ...users.flatMap(({ name, done }) =>
      done.length > 0
        ? [
            sentence(NOT_REFUSED, {
              name,
              attempts: listed(done.map(({ attempt }) => triedInWords(attempt))),
            }),
          ]
        : [],
    ),
    ...(taken.length > 0 ? [sentence(TOOK, { words: listed(taken.map(({ word }) => word)) })] : []),
    ...(planted.isAsPlanted ? [] : [NOT_AS_PLANTED]),
  ]
  if (breaches.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: joined(breaches),
      remedy: RESTORE,
    }
  const failed = store.control?.tries.filter(({ outcome }) => outcome !== 'done') ?? []
  if (!store.control || failed.length > 0 || users.length === 0 || health?.status !== 200)
    return {
      ...found,
      state: 'unknown',
      reason: sentence(
        { en: 'The tries show nothing: {why}.', sv: 'Försöken visar inget: {why}.' },
        {
          why:
            failed.length === 0
              ? { en: 'there was no control', sv: 'det fanns ingen kontroll' }
              : joined(
                  failed.map(({ attempt, outcome }) =>
                    sentence(CONTROL_FAILED, { attempt: triedInWords(attempt), outcome }),
                  ),
                  '; ',
                ),
        },
      ),
    }
  return {
    ...found,
    state: 'kept',
    reason: sentence(ALL_REFUSED, { share: share(kept, users.length, USERS) }),
  }
}
