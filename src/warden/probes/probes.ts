import { AppError } from '../../kernel/errors.ts'
import type { Ground } from '../ground.ts'
import type { Life } from '../life.ts'
import { type ProbeRequest, parseProbe } from '../requests.ts'
import type { Door } from '../server.ts'
import { instanceKind } from './instance.ts'
import { inventoryKind } from './inventory.ts'
import type { ProbeKind } from './kind.ts'
import { logStoreKind } from './log-store.ts'
import { createOutside } from './outside.ts'
import { streamsKind } from './streams.ts'

const AT_ONCE = 2
const WAITING_AT_MOST = 32
const ANSWER_LIMIT_BYTES = 4 * 1024 * 1024

const kinds: { [K in ProbeRequest['kind']]: ProbeKind<K> } = {
  instance: instanceKind,
  inventory: inventoryKind,
  'log-store': logStoreKind,
  streams: streamsKind,
}

/**
 * The warden's fourth word. Bounded: two at once, one of an instance, each with a time limit and a largest answer. A
 * probe of an instance gives way to whoever wants to start, stop or destroy it.
 */
export function createProbes(ground: Ground, life: Pick<Life, 'running'>) {
  const of = new Map<string, { abort: AbortController; done: Promise<unknown> }>()
  const wanted = new Map<string, number>()
  const waiting: (() => void)[] = []
  const outside = createOutside(ground)
  let busy = 0

  async function enter(): Promise<void> {
    if (busy < AT_ONCE) {
      busy++
      return
    }
    if (waiting.length >= WAITING_AT_MOST)
      throw new AppError('unavailable', 'The warden has as many probes to make as it takes.')
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    await promise
  }
  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else busy--
  }

  async function within<K extends ProbeRequest['kind']>(
    kind: ProbeKind<K>,
    asked: Extract<ProbeRequest, { kind: K }>,
    signal: AbortSignal,
  ): Promise<object> {
    await enter()
    try {
      signal.throwIfAborted()
      const result = await kind.run({ ground, running: life.running, outside }, asked, signal)
      if (JSON.stringify(result).length > ANSWER_LIMIT_BYTES)
        throw new AppError('unavailable', 'What the probe found is too long for an answer.')
      return result
    } finally {
      leave()
    }
  }

  async function probe(asked: ProbeRequest): Promise<object> {
    const subject = 'instance' in asked ? asked.instance : `kind:${asked.kind}`
    if (wanted.has(subject)) throw new AppError('unavailable', 'The instance is being started or stopped.')
    if (of.has(subject)) throw new AppError('unavailable', 'That is being probed already.')
    const abort = new AbortController()
    const kind = kinds[asked.kind] as ProbeKind<typeof asked.kind>
    const timer = setTimeout(() => abort.abort(new Error('it took too long')), kind.limitMs)
    const done = within(kind, asked as never, abort.signal)
    of.set(subject, { abort, done: done.catch(() => {}) })
    try {
      return await done
    } catch (cause) {
      if (!abort.signal.aborted) throw cause
      const why = abort.signal.reason instanceof Error ? abort.signal.reason.message : 'it was ended'
      throw new AppError('unavailable', `The probe says nothing: ${why}.`, { cause })
    } finally {
      clearTimeout(timer)
      of.delete(subject)
    }
  }

  return {
    door: (token: string | undefined): Door<ProbeRequest> => ({ parse: parseProbe, token, carryOut: probe }),
    /** Does something that changes what runs of an instance: a probe of it ends first, and none begins until it is done. */
    async before<T>(instance: string, change: () => Promise<T>): Promise<T> {
      wanted.set(instance, (wanted.get(instance) ?? 0) + 1)
      try {
        const one = of.get(instance)
        one?.abort.abort(new Error('the instance was wanted'))
        await one?.done
        return await change()
      } finally {
        const left = (wanted.get(instance) ?? 1) - 1
        if (left > 0) wanted.set(instance, left)
        else wanted.delete(instance)
      }
    },
    async close(): Promise<void> {
      const all = [...of.values()]
      for (const { abort } of all) abort.abort(new Error('the warden stops'))
      await Promise.all(all.map(({ done }) => done))
      await outside.close()
    },
  }
}
