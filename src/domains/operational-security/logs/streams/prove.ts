import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../../../kernel/clock.ts'
import type { Proof } from '../../../../pledges/runner.ts'
import { counted, type Noun, sentence } from '../../../../pledges/sentence.ts'
import type { Evidence, Finding } from '../../../../pledges/verdict.ts'
import { fiveStreams } from '../pledges.ts'
import { type NewestEntries, STREAMS, type Stream } from './newest-entries.ts'

/** A line planted in each stream of a subject; `busy` and `absent`: there is no place for it just now. */
export type Planting = { subject: string; state: 'planted' | 'busy' | 'absent'; at: number }

/** What the proof of the five streams looks with. */
export type StreamEyes = {
  clock: Clock
  /** Every instance that exists, awake or asleep. */
  instances(): Promise<readonly string[]>
  /** Plants a line for each stream where these instances' output comes out, waking none; and sees where processes write errors. */
  plant(
    instances: readonly string[],
  ): Promise<{ planted: Planting[]; processes: { name: string; isLogged: boolean }[] }>
  /** Sends an entry for each stream of the plane's own the way that its changes go. */
  plantOwn(atMs: number): Promise<void>
  newest(backToMs: number): Promise<{ newest: NewestEntries; isComplete: boolean }>
  pauseMs?: number
}

const PLANE = 'plane'
const MINUTE_MS = 60_000
/** Who wrote in every stream within this time needs no planted line. */
const RECENT_MS = 60 * MINUTE_MS
/** Older than this shows nothing. */
const OLDEST_MS = 24 * 60 * MINUTE_MS
/** A planted line is in the log within this time, or it is lost. */
const ARRIVES_MS = 30_000
/** The log's clock and ours are one machine's; a line is read a moment after it was planted. */
const SKEW_MS = 2_000
const PAUSE_MS = 500
/** Instances that get planted lines in one run, those that were silent longest first: a large fleet takes turns. */
const PLANTED_AT_ONCE = 50

/**
 * `logs.five-streams`: of each instance and of the plane every stream has brought something into the log within a day. Where
 * nothing came by itself, a line is planted where it would come from, and must arrive. Asleep or awake makes no difference.
 */
export function proveFiveStreams(eyes: StreamEyes): Proof {
  const pending = new Map<string, number>()
  return {
    pledge: fiveStreams.id,
    async prove({ signal }) {
      const [instances, known] = await Promise.all([
        eyes.instances(),
        eyes.newest(eyes.clock.now() - OLDEST_MS),
      ])
      const subjects = [PLANE, ...instances]
      for (const subject of pending.keys()) if (!subjects.includes(subject)) pending.delete(subject)
      const due = dueOf(subjects, known.newest, pending, eyes.clock.now())
      if (due.includes(PLANE)) {
        const at = eyes.clock.now()
        await eyes.plantOwn(at)
        pending.set(PLANE, at)
      }
      const { planted, processes } = await eyes.plant(due.filter((subject) => subject !== PLANE))
      for (const { subject, state, at } of planted) if (state === 'planted') pending.set(subject, at)
      const gone = new Set(planted.flatMap(({ subject, state }) => (state === 'absent' ? [subject] : [])))
      const seen = await untilArrived(eyes, pending, signal)
      const there = subjects.filter((subject) => !gone.has(subject))
      const nowMs = eyes.clock.now()
      const findings = STREAMS.map((stream) => judgeStream(stream, there, seen, pending, nowMs))
      for (const [subject, at] of pending) if (hasArrived(seen.newest, subject, at)) pending.delete(subject)
      return findings.map((finding) =>
        finding.part === 'error' ? withProcesses(finding, processes) : finding,
      )
    },
  }
}

function dueOf(
  subjects: readonly string[],
  newest: NewestEntries,
  pending: ReadonlyMap<string, number>,
  nowMs: number,
): string[] {
  const oldestOf = (subject: string) =>
    Math.min(...STREAMS.map((stream) => newest.get(subject)?.[stream] ?? 0))
  return subjects
    .filter(
      (subject) => nowMs - oldestOf(subject) > RECENT_MS && nowMs - (pending.get(subject) ?? 0) > ARRIVES_MS,
    )
    .sort((a, b) => (a === PLANE ? -1 : b === PLANE ? 1 : oldestOf(a) - oldestOf(b)))
    .slice(0, PLANTED_AT_ONCE)
}

async function untilArrived(eyes: StreamEyes, pending: ReadonlyMap<string, number>, signal: AbortSignal) {
  for (;;) {
    const nowMs = eyes.clock.now()
    const seen = await eyes.newest(nowMs - OLDEST_MS)
    const isWaiting = [...pending].some(
      ([subject, at]) => nowMs - at <= ARRIVES_MS && !hasArrived(seen.newest, subject, at),
    )
    if (!isWaiting) return seen
    await delay(eyes.pauseMs ?? PAUSE_MS, undefined, { signal })
  }
}

const arrivedIn = (newest: NewestEntries, subject: string, stream: Stream, at: number) =>
  (newest.get(subject)?.[stream] ?? 0) >= at - SKEW_MS
const hasArrived = (newest: NewestEntries, subject: string, at: number) =>
  STREAMS.every((stream) => arrivedIn(newest, subject, stream, at))

const INSTANCES: Noun = { en: ['instance', 'instances'], sv: ['instans', 'instanser'] }
const ALL_ARRIVE = {
  en: 'Each of the five streams of {instances} and of the plane reaches the log.',
  sv: 'Var och en av de fem strömmarna från {instances} och från planet når loggen.',
} as const
const ONLY_OURS = {
  en: 'Each of the plane’s own five streams reaches the log; there is no instance yet.',
  sv: 'Var och en av planets egna fem strömmar når loggen; det finns ingen instans än.',
} as const

/** One stream of all subjects: what was planted and did not arrive breaks it; who was not looked at leaves it open. */
export function judgeStream(
  stream: Stream,
  subjects: readonly string[],
  { newest, isComplete }: { newest: NewestEntries; isComplete: boolean },
  pending: ReadonlyMap<string, number>,
  nowMs: number,
): Finding {
  const state = (subject: string): 'kept' | 'lost' | 'open' => {
    const at = pending.get(subject)
    if (at !== undefined && !arrivedIn(newest, subject, stream, at))
      return nowMs - at > ARRIVES_MS ? 'lost' : 'open'
    const last = newest.get(subject)?.[stream]
    return last !== undefined && nowMs - last <= OLDEST_MS ? 'kept' : 'open'
  }
  const judged = subjects.map((subject) => ({ subject, state: state(subject) }))
  const of = (wanted: string) => judged.filter((one) => one.state === wanted).map(({ subject }) => subject)
  const [kept, lost, open] = [of('kept'), of('lost'), of('open')]
  const evidence: Evidence[] = [
    ...lost.slice(0, 20).map((subject) => ({
      what: nameOf(subject),
      seen: 'the planted line did not arrive in the log',
      isAsPromised: false,
    })),
    ...open.slice(0, 10).map((subject) => ({
      what: nameOf(subject),
      seen: 'nothing in this stream yet, and no line could be planted',
      isAsPromised: null,
    })),
    ...kept.slice(0, 10).map((subject) => ({
      what: nameOf(subject),
      seen: `last entry ${Math.max(0, Math.round((nowMs - newest.get(subject)![stream]!) / 1000))} s ago`,
      isAsPromised: true,
    })),
  ]
  const population = {
    all: subjects.length,
    examined: kept.length + lost.length,
    kept: kept.length,
    of: 'instances, and the plane',
  }
  const found = { part: stream, population, evidence }
  if (lost.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: `What was planted in the ${stream} stream of ${sample(lost)} did not reach the log within ${ARRIVES_MS / 1000} s.`,
      remedy: 'See `borgen status`: the worker carries output to the log, and the log must take it.',
    }
  if (!isComplete) return { ...found, state: 'unknown', reason: 'The log is longer than could be read yet.' }
  if (open.length > 0)
    return {
      ...found,
      state: 'unknown',
      reason: `The ${stream} stream of ${sample(open)} was not looked at yet.`,
    }
  return {
    ...found,
    state: 'kept',
    reason:
      stream === STREAMS[0]
        ? sentence(subjects.length > 1 ? ALL_ARRIVE : ONLY_OURS, {
            instances: counted(subjects.length - 1, INSTANCES),
          })
        : '',
  }
}

/** Errors of the plane are also what its processes write to stderr, which must end in a log of their own. */
export function withProcesses(
  finding: Finding,
  processes: readonly { name: string; isLogged: boolean }[],
): Finding {
  const lost = processes.filter(({ isLogged }) => !isLogged)
  const evidence: Evidence[] = [
    {
      what: 'processes of the plane whose errors go to a log of their own',
      seen: `${processes.length - lost.length} of ${processes.length}${lost.length > 0 ? `; not ${lost.map(({ name }) => name).join(', ')}` : ''}`,
      isAsPromised: processes.length === 0 ? null : lost.length === 0,
    },
    ...(finding.evidence ?? []),
  ]
  if (lost.length > 0)
    return {
      ...finding,
      evidence,
      state: 'broken',
      reason: `What ${lost.map(({ name }) => name).join(', ')} writes as errors goes to no log.`,
      remedy: 'Start the plane again with `borgen up`, which gives each process its log.',
    }
  if (processes.length === 0 && finding.state === 'kept')
    return {
      ...finding,
      evidence,
      state: 'unknown',
      reason: 'Where the plane’s processes write their errors could not be seen.',
    }
  return { ...finding, evidence }
}

const nameOf = (subject: string) => (subject === PLANE ? 'the plane itself' : subject)

function sample(subjects: readonly string[]): string {
  const names = subjects.slice(0, 3).map(nameOf).join(', ')
  return subjects.length > 3 ? `${names} and ${subjects.length - 3} more` : names
}
