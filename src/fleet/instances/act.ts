import { recordInTransaction } from '../../changes/outbox.ts'
import type { LogEntry } from '../../changes/store.ts'
import type { InstanceDriver, InstanceSpec } from '../../drivers/instances/contract/instance.ts'
import type { DataKey } from '../../drivers/kms/contract/envelope.ts'
import type { KeyStore } from '../../drivers/kms/contract/key-store.ts'
import { type Clock, stampOf } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/log.ts'
import { signal } from '../../kernel/signals.ts'
import { durationMs } from '../apps/manifest.ts'
import { nextStep, retryDelayMs } from './decide.ts'
import { INSTANCE_CHANNEL } from './model.ts'
import { fillEnvironment, openSecrets, sealSecrets } from './secrets.ts'
import { type Instance, type InstanceRow, instanceBy, noteSeen } from './store.ts'

export type InstanceActs = {
  db: Db
  clock: Clock
  logger: Logger
  driver: InstanceDriver
  keys: KeyStore
  handover: DataKey
  /** `https://<host>` with the port where it is not 443. */
  urlOf(host: string): string
}

type Seen = Parameters<typeof noteSeen>[2]
const STEPS_AT_MOST = 8

/**
 * Brings one instance to where it should be, one idempotent step after the other, reading its row anew before each. A
 * step that fails leaves the row saying so and when to try again; a crash anywhere leaves the row at the step before.
 */
export async function settleInstance(acts: InstanceActs, id: string): Promise<void> {
  for (let count = 0; count < STEPS_AT_MOST; count++) {
    const instance = await instanceBy(acts.db, id)
    if (!instance || instance.destroyed_at !== null) return
    const step = nextStep(instance)
    if (step.act === 'none') return
    try {
      await DO[step.act](acts, instance)
    } catch (error) {
      await noteFailure(acts, instance, step.act, error)
      return
    }
  }
}

const place = (instance: InstanceRow) => ({ region: instance.region, subject: instance.id })

const DO = {
  async 'make-key'(acts: InstanceActs, instance: Instance) {
    await acts.keys.getOrCreate(place(instance))
    await reach(acts, instance, { step: 'keyed' })
  },

  async 'seal-secrets'(acts: InstanceActs, instance: Instance) {
    const key = await keyOf(acts, instance)
    const secrets = await openSecrets(acts.handover, instance.id, instance.region, instance.secrets!)
    const sealed = await sealSecrets(key, instance.id, instance.region, secrets)
    await reach(acts, instance, { step: 'sealed', secrets: sealed })
  },

  async start(acts: InstanceActs, instance: Instance) {
    const first = instance.step === 'sealed'
    await noteSeen(acts.db, instance.id, { observed: 'starting' }, acts.clock.now())
    const { socket, stages } = await acts.driver.writer.start(await specOf(acts, instance))
    const seen: Seen = {
      observed: 'awake',
      step: 'provisioned',
      socket,
      limits: await limitsNow(acts, instance.id),
      failure: null,
      attempts: 0,
      retry_at: null,
    }
    await reach(acts, instance, seen, {
      type: first ? 'instance.provisioned' : 'instance.woken',
      data: { stages },
    })
  },

  async stop(acts: InstanceActs, instance: Instance) {
    await noteSeen(acts.db, instance.id, { observed: 'stopping' }, acts.clock.now())
    await acts.driver.writer.stop(instance.id)
    const seen: Seen = { observed: 'asleep', socket: null, failure: null, attempts: 0, retry_at: null }
    const type = instance.desired === 'suspended' ? 'instance.suspended' : 'instance.slept'
    await reach(acts, instance, seen, { type, data: {} })
  },

  async 'settle-asleep'(acts: InstanceActs, instance: Instance) {
    await reach(acts, instance, { observed: 'asleep' })
  },

  async remove(acts: InstanceActs, instance: Instance) {
    await noteSeen(acts.db, instance.id, { observed: 'stopping' }, acts.clock.now())
    await acts.driver.writer.destroy(instance.id)
    const seen: Seen = {
      observed: 'absent',
      step: 'removed',
      socket: null,
      failure: null,
      attempts: 0,
      retry_at: null,
    }
    await reach(acts, instance, seen, { type: 'instance.removed', data: {} })
  },

  async 'destroy-key'(acts: InstanceActs, instance: Instance) {
    await acts.keys.destroy(place(instance))
    const now = acts.clock.now()
    const seen: Seen = { observed: 'destroyed', step: 'key-destroyed', secrets: null, destroyed_at: now }
    await reach(acts, instance, seen, { type: 'instance.destroyed', data: {} })
  },
} satisfies Record<string, (acts: InstanceActs, instance: Instance) => Promise<void>>

async function keyOf(acts: InstanceActs, instance: InstanceRow): Promise<DataKey> {
  const key = await acts.keys.get(place(instance))
  if (!key)
    throw new AppError('internal', `The key of ${instance.id} is missing from the keyring.`, {
      remedy: 'Put the keyring back from its second copy; a new key would not open what the old one sealed.',
    })
  return key
}

/** Has the driver make what runs agree with what stands here, where that is so already. */
export async function startAsItIs(acts: InstanceActs, instance: Instance): Promise<void> {
  await acts.driver.writer.start(await specOf(acts, instance))
}

async function specOf(acts: InstanceActs, instance: Instance): Promise<InstanceSpec> {
  const { manifest } = instance
  const secrets = await openSecrets(
    await keyOf(acts, instance),
    instance.id,
    instance.region,
    instance.secrets!,
  )
  const { listen } = manifest
  return {
    instance: instance.id,
    region: instance.region,
    release: instance.sha256,
    start: manifest.start,
    listen:
      'socket' in listen
        ? listen
        : { port: listen.port, ...(listen.env === undefined ? {} : { env: listen.env }) },
    database: manifest.database,
    ...(manifest.databasePort === undefined ? {} : { databasePort: manifest.databasePort }),
    health: manifest.health,
    ...(manifest.startLimit === undefined ? {} : { startLimitMs: durationMs(manifest.startLimit) }),
    environment: fillEnvironment(instance, acts.urlOf(instance.host), secrets),
    limits: manifest.limits,
    egress: manifest.egress,
  }
}

/** Writes down what was reached, with its entry for the log in the same transaction. */
async function reach(
  acts: InstanceActs,
  instance: InstanceRow,
  seen: Seen,
  logged?: { type: string; data: Record<string, unknown>; stream?: LogEntry['stream'] },
): Promise<void> {
  const now = acts.clock.now()
  await acts.db.transaction().execute(async (tx) => {
    await noteSeen(tx, instance.id, seen, now)
    if (logged) {
      const entry: LogEntry = {
        key: `${instance.id}:${logged.type}:${now}`,
        stream: logged.stream ?? 'event',
        subject: instance.id,
        region: instance.region,
        type: logged.type,
        event: { instance: instance.id, account: instance.account, ...stampOf(acts.clock), ...logged.data },
      }
      await recordInTransaction(tx, [entry], now)
    }
    await signal(tx, INSTANCE_CHANNEL, instance.id)
  })
}

/** An awake instance stopped by itself, or was stopped on its machine for going over a limit: its row and its log say why. */
export async function noteFall(acts: InstanceActs, id: string, reason: string | undefined): Promise<void> {
  const instance = await instanceBy(acts.db, id)
  if (!instance) return
  const failure = reason === undefined ? 'Its processes ended.' : `It stopped: ${reason}.`.slice(0, 2000)
  const seen: Seen = { observed: 'failed', socket: null, failure }
  await reach(acts, instance, seen, { type: 'instance.fell', stream: 'error', data: { failure } })
}

/** What holds it in on this machine as it is now; null when nothing says so. */
async function limitsNow(acts: InstanceActs, id: string): Promise<InstanceRow['limits']> {
  const observed = await acts.driver.reader.observe(id).catch(() => undefined)
  return observed?.limits ?? null
}

async function noteFailure(
  acts: InstanceActs,
  instance: Instance,
  act: string,
  error: unknown,
): Promise<void> {
  acts.logger.error('a step failed', { instance: instance.id, act, error })
  const sentence =
    error instanceof AppError ? error.message : 'An unexpected error; see the log of the worker.'
  const now = acts.clock.now()
  const seen: Seen = {
    observed: 'failed',
    failure: sentence.slice(0, 2000),
    // Those of an earlier start, perhaps of a machine that could do more, would be an assumption.
    ...(act === 'start' ? { limits: await limitsNow(acts, instance.id) } : {}),
    attempts: instance.attempts + 1,
    retry_at: now + retryDelayMs(instance.attempts),
  }
  await reach(acts, instance, seen, {
    type: 'instance.failed',
    stream: 'error',
    data: { act, failure: sentence.slice(0, 2000) },
  })
}
