import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../api-client/client.ts'
import type { components } from '../api-client/schema.ts'
import type { Session } from './command.ts'
import { CliFailure, EXIT } from './failure.ts'
import { printable } from './printable.ts'
import type { Cell } from './table.ts'

export type Instance = components['schemas']['Instance']

const POLL_MS = 100
// The longest start that a manifest may allow, and some.
const PATIENCE_MS = 660_000

// The state that each wish ends in.
const REACHED: Record<Instance['desired'], Instance['observed']> = {
  awake: 'awake',
  asleep: 'asleep',
  suspended: 'asleep',
  destroyed: 'destroyed',
}

/** Stays until an instance is in the state wished for it, showing its steps; throws when it fails or nothing moves. */
export async function awaitInstance(
  session: Session,
  api: ApiClient,
  id: string,
  desired: Instance['desired'],
): Promise<Instance> {
  const { terminal } = session
  const startedAt = performance.now()
  for (;;) {
    const instance = await api.get('/v1/instances/{instance}', { params: { path: { instance: id } } })
    const tookMs = performance.now() - startedAt
    if (instance.observed === REACHED[desired]) {
      terminal.endProgress()
      return instance
    }
    if (instance.observed === 'failed')
      throw new CliFailure(
        EXIT.broken,
        'instance_failed',
        `The instance failed: ${instance.failure ?? 'no reason given'}`,
        {
          remedy: `It is tried again. See \`borgen instance logs ${instance.slug}\`.`,
          more: { instance },
        },
      )
    if (instance.desired !== desired)
      throw new CliFailure(
        EXIT.refused,
        'conflict',
        `Somebody else asked for it to be ${instance.desired} meanwhile.`,
        {
          remedy: 'See `borgen instance show`.',
          more: { instance },
        },
      )
    if (tookMs > PATIENCE_MS)
      throw new CliFailure(
        EXIT.unknown,
        'not_yet',
        `After ${PATIENCE_MS / 1000} s it is still ${instance.observed}.`,
        {
          remedy: `It goes on without you; see \`borgen instance show ${instance.slug}\`.`,
          more: { instance },
        },
      )
    terminal.progress(
      `${printable(instance.slug)}: ${instance.observed}, ${instance.step} … ${(tookMs / 1000).toFixed(1)} s`,
    )
    await pause(POLL_MS)
  }
}

/** Whether a command waits for its effect: as asked, otherwise when a person looks on. */
export function mayWait(session: Session, wait: boolean | undefined): boolean {
  return wait ?? session.terminal.isInteractive
}

const STYLE = { awake: 'green', failed: 'red', starting: 'yellow', stopping: 'yellow' } as const

/** An instance's state as a cell of a table. */
export function stateCell({ observed, desired }: Instance): Cell {
  const text =
    REACHED[desired] === observed && desired !== 'suspended' ? observed : `${observed} → ${desired}`
  const shown = desired === 'suspended' && observed === 'asleep' ? 'suspended' : text
  return observed in STYLE ? { text: shown, style: STYLE[observed as keyof typeof STYLE] } : shown
}
