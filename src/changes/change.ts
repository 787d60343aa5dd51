import { createHash, timingSafeEqual } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Action } from '../access/actions.ts'
import { type Actor, actorRef } from '../access/actor.ts'
import { authorise } from '../access/authorise.ts'
import { type Clock, realNow, stampOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { AppError, isAppError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Logger } from '../kernel/log.ts'
import { type AppendToLog, recordInTransaction } from './outbox.ts'
import {
  changeByKey,
  deleteOutbox,
  endChange,
  freeIdempotencyKey,
  insertChange,
  type LogEntry,
  outboxOf,
} from './store.ts'

export type ChangeContext = { db: Db; append: AppendToLog; clock: Clock; logger: Logger }

export type ChangeRequest = {
  action: Action
  actor: Actor
  resource: { type: string; id: string }
  /** The request as parsed; only its hash is kept, to tell a repetition from another request under the same key. */
  input: unknown
  idempotencyKey: string | undefined
  /** Where the entries belong: an instance, or the plane itself. */
  subject: string
  region: string
  stream?: LogEntry['stream']
  /** What the intent says beyond action, actor and resource. Sealed in the log. */
  intent?: Record<string, unknown>
}

export type ChangeOutcome<Body> = {
  status: number
  body: Body
  /** What a repetition is answered, when `body` holds a secret that is shown once. */
  replay?: Body
  /** Past tense, e.g. `account.signed-up`. */
  type: string
  event: Record<string, unknown>
}

export type ChangeReply<Body> = { status: number; body: Body; replayed: boolean }

/**
 * Carries out one change: access, intent in the log, effect in one transaction together with its outcome, outcome in the log.
 * When the log cannot take the intent the change is refused with `log_unavailable` and nothing has happened. A repeated
 * idempotency key has one effect and gets the first answer; with another request it is a `conflict`.
 */
export async function change<Body>(
  context: ChangeContext,
  request: ChangeRequest,
  effect: (tx: Db, change: { id: string; now: number }) => Promise<ChangeOutcome<Body>>,
): Promise<ChangeReply<Body>> {
  const { db, append, clock } = context
  authorise(request.actor, request.action, request.resource)
  const actor = actorRef(request.actor)
  const id = newId('chg')
  const sha256 = sha256Of(request)
  const row = {
    id,
    action: request.action,
    actor,
    idempotency_key: request.idempotencyKey ?? null,
    request_sha256: sha256,
    state: 'intended' as const,
    response: null,
    // How long it takes is judged by the machine's clock, however far a demo's is ahead.
    created_at: realNow(clock),
    ended_at: null,
  }
  if (!(await insertChange(db, row))) return repeat<Body>(db, actor, request.idempotencyKey!, sha256)

  const entry = (phase: 'intent' | 'outcome', type: string, event: Record<string, unknown>): LogEntry => ({
    key: `${id}:${phase}`,
    stream: request.stream ?? 'audit',
    subject: request.subject,
    region: request.region,
    type,
    event: {
      change: id,
      action: request.action,
      actor,
      resource: request.resource,
      phase,
      ...stampOf(clock),
      ...event,
    },
  })
  try {
    await append([entry('intent', `${request.action}.intended`, request.intent ?? {})])
  } catch (cause) {
    const refusal = isAppError(cause, 'log_unavailable')
      ? cause
      : new AppError(
          'log_unavailable',
          'The log cannot be written, so this change was refused; nothing was changed.',
          { remedy: 'Start the ledger again (`borgen status` shows it), then repeat the request.', cause },
        )
    // the intent may have reached the log although we did not hear of it: the outcome follows when it can
    await refuseSurely(context, id, refusal, entry)
    throw refusal
  }

  let outcome: ChangeOutcome<Body>
  try {
    outcome = await db.transaction().execute(async (tx) => {
      const done = await effect(tx, { id, now: clock.now() })
      const response = { status: done.status, body: done.replay ?? done.body }
      if (!(await endChange(tx, id, { state: 'done', response, now: realNow(clock) })))
        throw new AppError('unavailable', 'The change took too long and was given up; nothing was changed.', {
          remedy: 'Repeat the request.',
        })
      await recordInTransaction(
        tx,
        [entry('outcome', done.type, { result: 'done', ...done.event })],
        clock.now(),
      )
      return done
    })
  } catch (error) {
    await refuseSurely(context, id, error, entry)
    await relayNow(context, [`${id}:outcome`])
    throw error
  }
  await relayNow(context, [`${id}:outcome`])
  return { status: outcome.status, body: outcome.body, replayed: false }
}

/**
 * What a repetition of a request is answered when its first sending was carried out; undefined when nothing was carried out
 * under its key, or another request was.
 */
export async function firstAnswer<Body>(
  db: Db,
  request: Pick<ChangeRequest, 'action' | 'actor' | 'input' | 'idempotencyKey'>,
): Promise<ChangeReply<Body> | undefined> {
  if (request.idempotencyKey === undefined) return undefined
  const first = await changeByKey(db, actorRef(request.actor), request.idempotencyKey)
  if (first?.state !== 'done' || !first.response) return undefined
  if (!timingSafeEqual(first.request_sha256, sha256Of(request))) return undefined
  return { status: first.response.status, body: first.response.body as Body, replayed: true }
}

const sha256Of = ({ action, input }: Pick<ChangeRequest, 'action' | 'input'>) =>
  createHash('sha256')
    .update(JSON.stringify([action, input]))
    .digest()

const REFUSALS_TRIED = 60
const REFUSAL_PAUSE_MS = 1000

type EntryOf = (phase: 'outcome', type: string, event: Record<string, unknown>) => LogEntry

/**
 * Ends a change that had no effect; when the database is away, as soon as it is back, since until then the client that
 * repeats its request is told to wait. What is still open after that the sweeper ends.
 */
async function refuseSurely(
  { db, clock, logger }: ChangeContext,
  id: string,
  error: unknown,
  entry: EntryOf,
): Promise<void> {
  const tryOnce = () => refuse(db, id, error, entry, clock)
  await tryOnce().catch((failure: unknown) => {
    logger.warn('a change without effect stays open for now', { change: id, error: failure })
    void tryLater(tryOnce, REFUSALS_TRIED)
  })
}

async function tryLater(work: () => Promise<void>, tries: number): Promise<void> {
  for (let count = 0; count < tries; count++) {
    await delay(REFUSAL_PAUSE_MS, undefined, { ref: false })
    const done = await work().then(
      () => true,
      () => false,
    )
    if (done) return
  }
}

async function refuse(db: Db, id: string, error: unknown, entry: EntryOf, clock: Clock): Promise<void> {
  const code = isAppError(error) ? error.code : 'internal'
  await db.transaction().execute(async (tx) => {
    // When the answer to a commit was lost it may be done after all: then it keeps its key.
    if (!(await endChange(tx, id, { state: 'refused', response: null, now: realNow(clock) }))) return
    // a refused request may be corrected and sent again under the same key
    await freeIdempotencyKey(tx, id)
    await recordInTransaction(
      tx,
      [entry('outcome', 'change.refused', { result: 'refused', code })],
      clock.now(),
    )
  })
}

async function repeat<Body>(db: Db, actor: string, key: string, sha256: Buffer): Promise<ChangeReply<Body>> {
  const first = await changeByKey(db, actor, key)
  if (!first?.response)
    throw new AppError(
      'conflict',
      'The first request with this idempotency key is still being carried out.',
      {
        remedy: 'Wait a moment, then repeat it with the same key.',
      },
    )
  if (!timingSafeEqual(first.request_sha256, sha256))
    throw new AppError('conflict', 'This idempotency key was used for another request.', {
      remedy: 'Use a new key for a new request.',
    })
  if (first.state === 'abandoned')
    throw new AppError(
      'conflict',
      'The first request with this idempotency key was given up without effect.',
      {
        remedy: 'Send it again with a new key.',
      },
    )
  return { status: first.response.status, body: first.response.body as Body, replayed: true }
}

/** Tries to have an outcome in the log before the answer leaves; what fails here is relayed by the worker. */
async function relayNow({ db, append, logger }: ChangeContext, keys: string[]): Promise<void> {
  try {
    const rows = await outboxOf(db, keys)
    if (rows.length === 0) return
    await append(
      rows.map(({ key, stream, subject, region, type, event }) => ({
        key,
        stream,
        subject,
        region,
        type,
        event,
      })),
    )
    await deleteOutbox(
      db,
      rows.map((row) => row.position),
    )
  } catch (error) {
    logger.warn('outcome waits in the outbox', { keys, error })
  }
}
