import { z } from 'zod'
import { type ActivityTest, activityRuleSchema, compileActivity } from './activity.ts'

const answerSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('awake'),
    instance: z.string().min(1),
    socket: z.string().startsWith('/'),
    activity: activityRuleSchema.nullish(),
  }),
  z.object({ state: z.enum(['waking', 'provisioning']), instance: z.string().min(1) }),
  z.object({
    state: z.enum(['suspended', 'failed']),
    instance: z.string().min(1),
    reason: z.string().nullish(),
  }),
  z.object({ state: z.literal('asleep'), instance: z.string().min(1) }),
])

/** What is known of an instance's name. `unreachable`: the server does not answer. */
export type Target =
  | { state: 'awake'; instance: string; socket: string; activity: ActivityTest }
  | { state: 'waking'; instance: string }
  | { state: 'suspended' | 'failed'; instance: string; reason: string }
  | { state: 'unknown' | 'unreachable' }

/** Asks the server who a name is: the status and body of its answer; throws when it cannot be reached. */
export type AskServer = (question: {
  host: string
  wake: boolean
  waitMs: number
  /** The socket given before does not answer. */
  refused: boolean
}) => Promise<{ status: number; body: string }>

/** An answer is believed this long; after it, it is still used while it is asked for anew. */
const believedMs = 5_000
/** Unless the server stays silent for this long. */
const keptMs = 10 * 60_000
const unknownKeptMs = 1_000
const maxNames = 20_000

type Entry = { target: Target; atMs: number; asking: boolean }

/**
 * Who is behind a name, as the server says. Answers that an instance is awake are kept and refreshed in the background, so
 * that instances stay reachable while the server restarts; any number of requests for one sleeping name ask once.
 */
export class Names {
  private readonly known = new Map<string, Entry>()
  private readonly asked = new Map<string, Promise<Target>>()
  private readonly refused = new Set<string>()
  private readonly ask: AskServer
  private readonly onLeft: (socket: string) => void
  private readonly clock: () => number

  /** `onLeft` is told of each socket behind which the instance is no longer awake; `clock` gives monotonic milliseconds. */
  constructor(
    ask: AskServer,
    onLeft: (socket: string) => void,
    clock: () => number = () => performance.now(),
  ) {
    this.ask = ask
    this.onLeft = onLeft
    this.clock = clock
  }

  /** What is known of the name without asking, or null. */
  peek(host: string): Target | null {
    const entry = this.known.get(host)
    if (!entry) return null
    const ageMs = this.clock() - entry.atMs
    if (ageMs > (entry.target.state === 'awake' ? keptMs : unknownKeptMs)) {
      this.known.delete(host)
      return null
    }
    if (ageMs > believedMs && !entry.asking) {
      entry.asking = true
      void this.question(host, false, 0, false).then((target) => {
        entry.asking = false
        if (target.state !== 'unreachable') this.remember(host, target)
      })
    }
    return entry.target
  }

  /** The socket did not answer: what was known is wrong, and the server is told so with the next question. */
  refuse(host: string): void {
    this.known.delete(host)
    if (this.refused.size < maxNames) this.refused.add(host)
  }

  /** Asks the server, waking the instance and giving it up to `waitMs` to become awake. */
  async wake(host: string, waitMs: number): Promise<Target> {
    const running = this.asked.get(host)
    if (running) return within(running, waitMs)
    const question = this.question(host, true, waitMs, this.refused.delete(host)).then((target) => {
      this.asked.delete(host)
      this.remember(host, target)
      return target
    })
    this.asked.set(host, question)
    return question
  }

  private async question(host: string, wake: boolean, waitMs: number, refused: boolean): Promise<Target> {
    try {
      const answer = await this.ask({ host, wake, waitMs: Math.round(waitMs), refused })
      return targetOf(answer.status, answer.body)
    } catch {
      return { state: 'unreachable' }
    }
  }

  private remember(host: string, target: Target): void {
    const before = this.known.get(host)?.target
    if (before?.state === 'awake' && !(target.state === 'awake' && target.socket === before.socket))
      this.onLeft(before.socket)
    this.known.delete(host)
    if (target.state !== 'awake' && target.state !== 'unknown') return
    if (this.known.size >= maxNames) {
      const oldest = this.known.keys().next().value
      if (oldest !== undefined) this.known.delete(oldest)
    }
    this.known.set(host, { target, atMs: this.clock(), asking: false })
  }
}

/** Reads the server's answer; anything that is not one counts as no answer. */
export function targetOf(status: number, body: string): Target {
  if (status === 404) return { state: 'unknown' }
  if (status !== 200) return { state: 'unreachable' }
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { state: 'unreachable' }
  }
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) return { state: 'unreachable' }
  const answer = parsed.data
  switch (answer.state) {
    case 'awake':
      return { ...answer, activity: testOf(answer.activity ?? null) }
    case 'suspended':
    case 'failed':
      return { ...answer, reason: answer.reason ?? '' }
    default:
      return { state: 'waking', instance: answer.instance }
  }
}

/** The manifest was checked when it was added; a rule that does not compile here counts every request. */
function testOf(rule: Parameters<typeof compileActivity>[0]): ActivityTest {
  try {
    return compileActivity(rule)
  } catch {
    return compileActivity(null)
  }
}

function within(running: Promise<Target>, waitMs: number): Promise<Target> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ state: 'waking', instance: '' }), waitMs)
    void running.then((target) => {
      clearTimeout(timer)
      resolve(target)
    })
  })
}
