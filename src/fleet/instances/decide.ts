import { durationMs } from '../apps/manifest.ts'
import type { InstanceRow } from './store.ts'

/** The one thing to do next for an instance, and why. `none` means: as it should be. */
export type NextStep = {
  act: 'make-key' | 'seal-secrets' | 'start' | 'stop' | 'settle-asleep' | 'remove' | 'destroy-key' | 'none'
  reason: string
}

type Facts = Pick<InstanceRow, 'desired' | 'observed' | 'step'>

/** From where an instance stands to where it should: one idempotent step, no choice left in it. */
export function nextStep({ desired, observed, step }: Facts): NextStep {
  if (desired === 'destroyed') {
    if (step === 'key-destroyed') return { act: 'none', reason: 'it is destroyed' }
    if (step === 'removed') return { act: 'destroy-key', reason: 'its data is gone, so its key goes last' }
    return { act: 'remove', reason: 'it is to be destroyed' }
  }
  if (step === 'registered') return { act: 'make-key', reason: 'it has no key yet' }
  if (step === 'keyed')
    return { act: 'seal-secrets', reason: 'its secrets are not sealed under its own key yet' }
  if (desired === 'awake')
    return observed === 'awake'
      ? { act: 'none', reason: 'it is awake' }
      : { act: 'start', reason: step === 'sealed' ? 'it is to run for the first time' : 'it is to be awake' }
  if (observed === 'asleep') return { act: 'none', reason: 'it is asleep' }
  if (observed === 'absent') return { act: 'settle-asleep', reason: 'it waits for its first request' }
  return { act: 'stop', reason: desired === 'suspended' ? 'it is suspended' : 'it is to sleep' }
}

/** Whether an awake instance may go to sleep now, and why. */
export function mayIdle(
  instance: Pick<InstanceRow, 'desired' | 'observed' | 'last_request_at' | 'open_requests' | 'changed_at'> & {
    manifest: { sleep: 'idle' | 'never'; idleAfter: string }
  },
  now: number,
): { sleep: boolean; reason: string } {
  if (instance.desired !== 'awake' || instance.observed !== 'awake')
    return { sleep: false, reason: 'it is not simply awake' }
  if (instance.manifest.sleep === 'never')
    return { sleep: false, reason: 'its manifest says it never sleeps' }
  if (instance.open_requests > 0)
    return { sleep: false, reason: `${instance.open_requests} requests are open` }
  const quietMs = now - Math.max(instance.last_request_at, instance.changed_at)
  return quietMs >= durationMs(instance.manifest.idleAfter)
    ? { sleep: true, reason: `no request for ${Math.floor(quietMs / 1000)} s` }
    : { sleep: false, reason: 'it was used a short while ago' }
}

/** Pause before the next attempt: 1 s, 2 s, 4 s … at most 60 s. */
export function retryDelayMs(attempts: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(attempts, 6))
}
