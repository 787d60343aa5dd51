import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, isoOf, stampOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import type { Job } from '../kernel/jobs.ts'
import type { Logger } from '../kernel/log.ts'
import { LOG_LIMITS } from '../kernel/log-limits.ts'
import type { PledgeInForce } from './in-force.ts'
import type { Values } from './pledge.ts'
import { NOTHING, sentence } from './sentence.ts'
import { addTransition, answerRequest, proofRequests, saveVerdict, verdictOf, verdicts } from './store.ts'
import { combine, EVIDENCE_AT_MOST, type Finding, isStale, type Verdict } from './verdict.ts'

/** Looks at the world with read-only means and says what it found; changes nothing but planted objects of its own. */
export type Proof = {
  pledge: string
  prove(asked: Asked): Promise<readonly Finding[]>
}

/** What is promised, when it is, how often it is looked at and how old evidence may be. */
export type Asked = {
  values: Values
  nowMs: number
  everyMs?: number
  freshnessMs?: number
  signal: AbortSignal
}

/** An entry for the log, written with the verdict or not at all. */
export type VerdictEntry = { key: string; type: string; event: Record<string, unknown> }

export type ProofRunner = {
  db: Db
  clock: Clock
  logger: Logger
  proofs: readonly Proof[]
  inForce(): Promise<readonly PledgeInForce[]>
  /** Puts an entry on its way into the log in the caller's transaction. */
  log(tx: Db, entry: VerdictEntry, now: number): Promise<void>
}

const AT_ONCE = 4
const LIMIT_MS = 60_000
const LOG_AGAIN_MS = 3_600_000
const COULD_NOT_LOOK = {
  en: 'The proof could not look: {because}',
  sv: 'Prövningen kunde inte göras: {because}',
} as const
const NONE_TAKEN = {
  en: 'No evidence was taken after {since}.',
  sv: 'Inga belägg togs efter {since}.',
} as const

/** Runs what is due or was asked for, the longest overdue first; a proof that fails or hangs is `unknown` and stops no other. */
export function proofJob(runner: ProofRunner): Job {
  const running = new Set<string>()
  return {
    name: 'proofs',
    everyMs: 1000,
    async run() {
      const { db, clock } = runner
      const now = clock.now()
      const [known, asked, inForce] = await Promise.all([verdicts(db), proofRequests(db), runner.inForce()])
      const provedAt = new Map(known.map((row) => [row.pledge, row.proved_at]))
      const requested = new Set(asked.map((row) => row.pledge))
      const due = inForce
        .flatMap((promise) => {
          const proof = runner.proofs.find((one) => one.pledge === promise.pledge.id)
          const last = provedAt.get(promise.pledge.id) ?? Number.NEGATIVE_INFINITY
          const isDue = requested.has(promise.pledge.id) || now - last >= promise.everyMs || last > now
          return proof && promise.dropped === null && isDue && !running.has(promise.pledge.id)
            ? [{ promise, proof, last }]
            : []
        })
        .sort((a, b) => a.last - b.last)
        .slice(0, AT_ONCE - running.size)
      await Promise.all(
        due.map(async ({ promise, proof }) => {
          running.add(promise.pledge.id)
          try {
            await proveOne(runner, promise, proof)
          } finally {
            running.delete(promise.pledge.id)
          }
        }),
      )
      return { proved: due.length }
    },
  }
}

async function proveOne(runner: ProofRunner, promise: PledgeInForce, proof: Proof): Promise<void> {
  const { db, clock } = runner
  const startedAt = clock.now()
  const { realAt } = stampOf(clock)
  const begun = performance.now()
  const findings = await findingsOf(runner, promise, proof, startedAt)
  const verdict = combine(promise.pledge.parts, findings)
  const tookMs = Math.round(performance.now() - begun)
  await db
    .transaction()
    .execute((tx) => record(runner, tx, promise, verdict, findings, { startedAt, realAt, tookMs }))
}

async function findingsOf(
  runner: ProofRunner,
  promise: PledgeInForce,
  proof: Proof,
  nowMs: number,
): Promise<readonly Finding[]> {
  const abort = new AbortController()
  const timer = new AbortController()
  try {
    return await Promise.race([
      proof.prove({
        ...{ values: promise.values, nowMs, everyMs: promise.everyMs, freshnessMs: promise.freshnessMs },
        signal: abort.signal,
      }),
      delay(LIMIT_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
        throw new Error(`it did not end within ${LIMIT_MS / 1000} s`)
      }),
    ])
  } catch (error) {
    runner.logger.error('a proof failed', { pledge: promise.pledge.id, error })
    const because = error instanceof Error ? error.message : String(error)
    return Object.keys(promise.pledge.parts).map((part, at) => ({
      part,
      state: 'unknown' as const,
      reason: at === 0 ? sentence(COULD_NOT_LOOK, { because: because.slice(0, 300) }) : NOTHING,
    }))
  } finally {
    abort.abort()
    timer.abort()
  }
}

/** Writes a verdict down; where the state changed, with a line of history and an entry for the log. */
async function record(
  runner: Pick<ProofRunner, 'log'>,
  tx: Db,
  promise: PledgeInForce,
  verdict: Verdict,
  findings: readonly Finding[],
  { startedAt, realAt, tookMs }: { startedAt: number; realAt: string | undefined; tookMs: number },
): Promise<void> {
  const pledge = promise.pledge.id
  const before = await verdictOf(tx, pledge)
  const wentStale = before !== undefined && isStale(before.proved_at, promise.freshnessMs, startedAt)
  if (wentStale && before.state !== 'unknown') {
    const at = before.proved_at + promise.freshnessMs
    const reason = sentence(NONE_TAKEN, { since: isoOf(before.proved_at) })
    await addTransition(tx, { pledge, at, state: 'unknown', reason, population: null })
  }
  const isNew =
    before === undefined || before.state !== verdict.state || (wentStale && verdict.state !== 'unknown')
  if (isNew)
    await addTransition(tx, {
      pledge,
      at: startedAt,
      state: verdict.state,
      reason: verdict.reason,
      population: verdict.population,
    })
  const isLogged = isNew || startedAt - before.logged_at >= LOG_AGAIN_MS
  await saveVerdict(tx, {
    pledge,
    ...verdict,
    findings,
    proved_at: startedAt,
    took_ms: tookMs,
    since: isNew ? startedAt : before.since,
    logged_at: isLogged ? startedAt : before.logged_at,
  })
  await answerRequest(tx, pledge, startedAt)
  if (!isLogged) return
  const evidence = createHash('sha256').update(JSON.stringify(findings)).digest('hex')
  const { state, reason, population } = verdict
  const event = {
    promise: pledge,
    state,
    reason,
    population,
    values: promise.values,
    evidence,
    findings: fitting(findings),
    at: isoOf(startedAt),
    ...(realAt === undefined ? {} : { realAt }),
  }
  await runner.log(tx, { key: `${pledge}:${startedAt}`, type: `promise.${state}`, event }, startedAt)
}

/** Leaves room for the rest of the event. */
const FINDINGS_AT_MOST_BYTES = LOG_LIMITS.eventBytes / 2

/** The findings with as much of their evidence, which begins with the failures, as an entry of the log takes. */
export function fitting(findings: readonly Finding[]): readonly Finding[] {
  for (const rows of [EVIDENCE_AT_MOST, 20, 8, 3]) {
    const some = findings.map((one) =>
      one.evidence === undefined ? one : { ...one, evidence: one.evidence.slice(0, rows) },
    )
    if (Buffer.byteLength(JSON.stringify(some)) <= FINDINGS_AT_MOST_BYTES) return some
  }
  return findings.map(({ evidence: _, ...one }) => one)
}
