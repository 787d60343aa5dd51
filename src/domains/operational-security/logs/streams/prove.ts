import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../../../kernel/clock.ts'
import type { Words } from '../../../../pledges/pledge.ts'
import type { Proof } from '../../../../pledges/runner.ts'
import { counted, listed, NOTHING, type Noun, sentence, share } from '../../../../pledges/sentence.ts'
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

const THE_PLANE: Words = { en: 'the plane itself', sv: 'planet självt' }
const INSTANCES: Noun = { en: ['instance', 'instances'], sv: ['instans', 'instanser'] }
const PROCESSES: Noun = { en: ['process', 'processes'], sv: ['process', 'processer'] }
const SUBJECTS: Words = { en: 'instances, and the plane', sv: 'instanser, och planet' }
const LOST = {
  en: 'What was planted of {subjects} in the stream “{stream}” did not reach the log within {seconds} s.',
  sv: 'Det som planterades från {subjects} i strömmen ”{stream}” nådde inte loggen inom {seconds} s.',
} as const
const NOT_LOOKED = {
  en: 'The stream “{stream}” of {subjects} was not looked at yet.',
  sv: 'Strömmen ”{stream}” från {subjects} är inte granskad än.',
} as const
const ALL_ARRIVE = {
  en: 'Each of the five streams of {instances} and of the plane reaches the log.',
  sv: 'Var och en av de fem strömmarna från {instances} och från planet når loggen.',
} as const
const ONLY_OURS: Words = {
  en: 'Each of the plane’s own five streams reaches the log; there is no instance yet.',
  sv: 'Var och en av planets egna fem strömmar når loggen; det finns ingen instans än.',
}
const NO_LOG = {
  en: 'What {names} writes as errors goes to no log.',
  sv: 'Det som {names} skriver som fel hamnar inte i någon logg.',
} as const
const SEE_STATUS: Words = {
  en: 'See `borgen status`: the worker carries output to the log, and the log must take it.',
  sv: 'Se `borgen status`: arbetaren (worker) för utdata till loggen, och loggen måste ta emot den.',
}
const START_AGAIN: Words = {
  en: 'Start the plane again with `borgen up`, which gives each process its log.',
  sv: 'Starta planet på nytt med `borgen up`, som ger varje process sin logg.',
}
const TOO_LONG: Words = {
  en: 'The log is longer than could be read yet.',
  sv: 'Loggen är längre än vad som hunnit läsas än.',
}
const UNSEEN: Words = {
  en: 'Where the plane’s processes write their errors could not be seen.',
  sv: 'Det gick inte att se vart planets processer skriver sina fel.',
}
const WITH_LOG: Words = {
  en: 'processes of the plane whose errors go to a log of their own',
  sv: 'planets processer vars fel hamnar i en egen logg',
}
const DID_NOT_ARRIVE: Words = {
  en: 'the planted line did not arrive in the log',
  sv: 'den planterade raden kom inte fram till loggen',
}
const NOTHING_YET: Words = {
  en: 'nothing in this stream yet, and no line could be planted',
  sv: 'inget i den här strömmen än, och ingen rad kunde planteras',
}

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
  const about = (some: readonly string[]) => ({
    stream: fiveStreams.parts[stream] ?? stream,
    subjects: listed(some.map(nameOf), 3),
  })
  const evidence: Evidence[] = [
    ...lost.slice(0, 20).map((subject) => ({
      what: nameOf(subject),
      seen: DID_NOT_ARRIVE,
      isAsPromised: false,
    })),
    ...open.slice(0, 10).map((subject) => ({
      what: nameOf(subject),
      seen: NOTHING_YET,
      isAsPromised: null,
    })),
    ...kept.slice(0, 10).map((subject) => ({
      what: nameOf(subject),
      seen: sentence(
        { en: 'last entry {seconds} s ago', sv: 'senaste posten för {seconds} s sedan' },
        { seconds: Math.max(0, Math.round((nowMs - newest.get(subject)![stream]!) / 1000)) },
      ),
      isAsPromised: true,
    })),
  ]
  const population = {
    all: subjects.length,
    examined: kept.length + lost.length,
    kept: kept.length,
    of: SUBJECTS,
  }
  const found = { part: stream, population, evidence }
  if (lost.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: sentence(LOST, { ...about(lost), seconds: ARRIVES_MS / 1000 }),
      remedy: SEE_STATUS,
    }
  if (!isComplete) return { ...found, state: 'unknown', reason: TOO_LONG }
  if (open.length > 0)
    return {
      ...found,
      state: 'unknown',
      reason: sentence(NOT_LOOKED, about(open)),
    }
  return {
    ...found,
    state: 'kept',
    reason:
      stream === STREAMS[0]
        ? subjects.length > 1
          ? sentence(ALL_ARRIVE, { instances: counted(subjects.length - 1, INSTANCES) })
          : ONLY_OURS
        : NOTHING,
  }
}

/** Errors of the plane are also what its processes write to stderr, which must end in a log of their own. */
export function withProcesses(
  finding: Finding,
  processes: readonly { name: string; isLogged: boolean }[],
): Finding {
  const lost = processes.filter(({ isLogged }) => !isLogged)
  const names = listed(lost.map(({ name }) => name))
  const logged = share(processes.length - lost.length, processes.length, PROCESSES)
  const evidence: Evidence[] = [
    {
      what: WITH_LOG,
      seen:
        lost.length === 0
          ? logged
          : sentence({ en: '{logged}; not {names}', sv: '{logged}; inte {names}' }, { logged, names }),
      isAsPromised: processes.length === 0 ? null : lost.length === 0,
    },
    ...(finding.evidence ?? []),
  ]
  if (lost.length > 0)
    return {
      ...finding,
      evidence,
      state: 'broken',
      reason: sentence(NO_LOG, { names }),
      remedy: START_AGAIN,
    }
  if (processes.length === 0 && finding.state === 'kept')
    return {
      ...finding,
      evidence,
      state: 'unknown',
      reason: UNSEEN,
    }
  return { ...finding, evidence }
}

const nameOf = (subject: string): string | Words => (subject === PLANE ? THE_PLANE : subject)
