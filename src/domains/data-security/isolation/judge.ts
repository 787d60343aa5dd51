import type { InstanceProbed, Tried } from '../../../drivers/instances/contract/instance-prober.ts'
import type { Words } from '../../../pledges/pledge.ts'
import { sentence } from '../../../pledges/sentence.ts'
import { attackInWords } from './names.ts'

/** Kinds of things that some kernels do not have at all: where even root finds none, an instance has none either. */
const MAY_LACK: ReadonlySet<string> = new Set([
  'io_uring',
  'BPF',
  'performance counters',
  'userfaultfd',
  'the line of a virtual machine to its host (vsock)',
  'the emergency keys of the kernel',
  'characters into a terminal',
  "the host's loopback over IPv6",
])
const REACHED = { en: 'reached: {attack}{detail}', sv: 'nådde: {attack}{detail}' } as const
const SHOWS_NOTHING = { en: 'shows nothing: {attack}{detail}', sv: 'visar inget: {attack}{detail}' } as const
const NO_NETWORK: Words = {
  en: 'There is no network without a way out here to plant the addresses of others in.',
  sv: 'Här finns inget nät utan väg ut att plantera andras adresser i.',
}
const NO_USER: Words = {
  en: 'It has no user of its own: the world was started by an ordinary user.',
  sv: 'Den har ingen egen användare: världen startades av en vanlig användare.',
}

/** What is kept of the tries that say something; the others are counted. */
const NOTABLE_AT_MOST = 20

export type From = Tried['from']
/** What was shown of one instance by one kind of tries. */
export type Shown = {
  state: 'kept' | 'broken' | 'unknown'
  tried: number
  held: number
  /** What this kernel does not have. */
  lacking: readonly string[]
  /** What was reached, then what showed nothing, with why. */
  notable: readonly Words[]
}
export type Judged = { state: 'kept' | 'broken' | 'unknown'; shown: Record<From, Shown> }

/** What the tries show: a leak breaks; a try without an answer, or whose control found nothing, shows nothing. */
export function judgeTries(probed: InstanceProbed): Judged {
  const of = (from: From) => judgeFrom(probed.tries.filter((one) => one.from === from))
  const shown = {
    application: probed.hasNetworkToPlant
      ? of('application')
      : lessThan(of('application'), 'unknown', NO_NETWORK),
    database: of('database'),
    outside: probed.hasOwnUser ? of('outside') : lessThan(of('outside'), 'broken', NO_USER),
  }
  const states = Object.values(shown).map(({ state }) => state)
  const state = states.includes('broken') ? 'broken' : states.includes('unknown') ? 'unknown' : 'kept'
  return { state, shown }
}

function lessThan(shown: Shown, state: 'broken' | 'unknown', because: Words): Shown {
  return {
    ...shown,
    state: shown.state === 'broken' ? 'broken' : state,
    notable: [because, ...shown.notable].slice(0, NOTABLE_AT_MOST),
  }
}

function judgeFrom(tries: readonly Tried[]): Shown {
  const reached = tries.filter((one) => one.reached === true)
  const lacking = tries.filter(
    (one) => one.reached === false && one.controlReached !== true && MAY_LACK.has(one.name),
  )
  const held = tries.filter((one) => one.reached === false && one.controlReached === true && isWhole(one))
  const silent = tries.filter((one) => ![...reached, ...lacking, ...held].includes(one))
  const state = reached.length > 0 ? 'broken' : silent.length > 0 ? 'unknown' : 'kept'
  const values = (one: Tried) => ({
    attack: attackInWords(one.name),
    detail: one.detail ? ` (${one.detail})` : '',
  })
  const notable = [
    ...reached.map((one) => sentence(REACHED, values(one))),
    ...silent.map((one) => sentence(SHOWS_NOTHING, values(one))),
  ]
  return {
    ...{ state, tried: tries.length, held: held.length, lacking: lacking.map((one) => one.name) },
    notable: notable.slice(0, NOTABLE_AT_MOST),
  }
}

/** A look that was cut off has not seen all. */
const isWhole = (one: Tried) => !one.detail.startsWith('INCOMPLETE')
