import { z } from 'zod'
import type { LedgerClient } from '../../../ledger/client/client.ts'
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
      reason: `Altering the log could not be tried: ${because.slice(0, 200)}`,
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
      reason: 'Same user: every process here runs as one user, who can alter and delete the log.',
      remedy: 'Start as root, so that each process has a user of its own.',
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
      what: `a planted segment, as ${name} (uid ${uid})`,
      seen:
        done.length === 0
          ? `${count} of ${count} tries refused`
          : done.map((one) => `${one.attempt}: ${one.outcome}`).join(', '),
      isAsPromised: done.length === 0,
    })),
    ...(store.control
      ? [
          {
            what: `control: a copy of it, as the log’s own user (uid ${store.control.uid})`,
            seen: `${store.control.tries.filter(({ outcome }) => outcome === 'done').length} of ${store.control.tries.length} tries succeeded, as they must`,
            isAsPromised: null,
          },
        ]
      : []),
    {
      what: 'the log’s socket: words that would alter or delete',
      seen:
        taken.length === 0
          ? `${words.length} of ${words.length} refused`
          : taken.map(({ word, status }) => `${word}: ${status}`).join(', '),
      isAsPromised: taken.length === 0,
    },
    {
      what: 'the planted segment afterwards',
      seen: planted.isAsPlanted ? 'as it was planted' : planted.isThere ? 'altered' : 'gone',
      isAsPromised: planted.isAsPlanted,
    },
  ]
  const kept = users.filter(({ done }) => done.length === 0).length
  const found = {
    part: PART,
    evidence,
    population: { all: users.length, examined: users.length, kept, of: 'users of the plane' },
  }
  const breaches = [
    ...users.flatMap(({ name, done }) =>
      done.length > 0
        ? [`As ${name} it was not refused to ${done.map(({ attempt }) => attempt).join(', ')}.`]
        : [],
    ),
    ...(taken.length > 0 ? [`The log took ${taken.map(({ word }) => word).join(', ')}.`] : []),
    ...(planted.isAsPlanted ? [] : ['The planted segment is not as it was planted.']),
  ]
  if (breaches.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: breaches.join(' '),
      remedy:
        'Restore owner and modes of the log’s folder (its own user, 0700), and find out who changed them.',
    }
  const failed = store.control?.tries.filter(({ outcome }) => outcome !== 'done') ?? []
  if (!store.control || failed.length > 0 || users.length === 0 || health?.status !== 200)
    return {
      ...found,
      state: 'unknown',
      reason: `The tries show nothing: ${failed.map(({ attempt, outcome }) => `even the log’s own user could not ${attempt} (${outcome})`).join('; ') || 'there was no control'}.`,
    }
  return {
    ...found,
    state: 'kept',
    reason: `${users.length} users of the plane tried to alter and delete a planted segment, and all were refused.`,
  }
}
