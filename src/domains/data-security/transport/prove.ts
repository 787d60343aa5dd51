import type {
  Answer,
  Handshake,
  Offer,
  Suite,
  WebHost,
  WebReader,
} from '../../../drivers/web/contract/web.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Proof } from '../../../pledges/runner.ts'
import { lasting, listed, type Noun, named, sentence, share } from '../../../pledges/sentence.ts'
import { secondsOf } from '../../../pledges/units.ts'
import { EVIDENCE_AT_MOST, type Evidence, type Finding } from '../../../pledges/verdict.ts'
import { pfsHsts, tls } from './pledges.ts'

/** What a proof of transport looks at; `hosts` are all names that are served, customers' and our own. */
export type TransportEyes = {
  web: WebReader
  hosts(): Promise<readonly WebHost[]>
  /** Where mail would be taken. */
  mailAddress: string
  /** What certificates are measured by: the clock of those who check them. */
  clock: Clock
}

const OLD: readonly Offer[] = ['tls-1.0', 'tls-1.1', 'tls-1.2-weak']
const MODERN: readonly Offer[] = ['tls-1.2', 'tls-1.3']
const MAIL_PORTS = { smtp: [25, 465, 587], pop: [110, 995], imap: [143, 993] } as const
const AT_ONCE = 16
const ENUMERATED = 32

export type SeenHost = {
  name: string
  shakes: ReadonlyMap<Offer, Handshake>
  answers: readonly Answer[]
  /** Absent where they were not enumerated, null where it stopped answering. */
  suites?: readonly Suite[] | null
}

export function proveTls(eyes: TransportEyes): Proof {
  return {
    pledge: tls.id,
    async prove({ values, signal }) {
      const [visible, seen, mail] = await Promise.all([
        eyes.web.visible(signal),
        lookAt(eyes, [...OLD, ...MODERN], signal),
        Promise.all(Object.entries(MAIL_PORTS).map(([part, ports]) => judgeMail(eyes, part, ports, signal))),
      ])
      const web = judgeVersions(seen, visible)
      const alike = (part: string, reason: Words): Finding => ({ ...web, part, reason, evidence: [] })
      return [
        web,
        alike('api', {
          en: 'The API answers at the same addresses.',
          sv: 'API:et svarar på samma adresser.',
        }),
        alike('mobile', {
          en: 'Mobile apps use the same addresses.',
          sv: 'Mobilappar använder samma adresser.',
        }),
        judgeCertificates(
          seen,
          eyes.clock.now() + 1000 * secondsOf(String(values.left)),
          String(values.left),
        ),
        ...mail,
      ]
    },
  }
}

export function provePfsHsts(eyes: TransportEyes): Proof {
  return {
    pledge: pfsHsts.id,
    async prove({ values, nowMs, signal }) {
      const hosts = await eyes.hosts()
      const [visible, seen] = await Promise.all([
        eyes.web.visible(signal),
        lookAt(eyes, ['tls-1.2-weak', ...MODERN], signal),
      ])
      const enumerated = new Set(sampleOf(hosts, nowMs).map((host) => host.name))
      const answered = await eachOf(hosts, async (host) => ({
        name: host.name,
        shakes: new Map(),
        answers: await eyes.web.answers(host, signal),
        ...(enumerated.has(host.name) ? { suites: await eyes.web.suites(host, signal) } : {}),
      }))
      const suitesOf = new Map(answered.map(({ name, suites }) => [name, suites]))
      const withSuites = seen.map((host) => {
        const suites = suitesOf.get(host.name)
        return suites === undefined ? host : { ...host, suites }
      })
      return [judgeSecrecy(withSuites, visible), judgeHsts(answered, secondsOf(String(values.maxAge)))]
    },
  }
}

async function lookAt(
  eyes: TransportEyes,
  offers: readonly Offer[],
  signal: AbortSignal,
): Promise<SeenHost[]> {
  return eachOf(await eyes.hosts(), async (host) => {
    const shakes = new Map<Offer, Handshake>()
    for (const offer of offers) shakes.set(offer, await eyes.web.handshake(host, offer, signal))
    return { name: host.name, shakes, answers: [] }
  })
}

/**
 * Those whose suites are enumerated one by one this time: all of a few, of many a part that moves on with each proof. That suites
 * without forward secrecy are refused is tried with all.
 */
function sampleOf(hosts: readonly WebHost[], nowMs: number): readonly WebHost[] {
  if (hosts.length <= ENUMERATED) return hosts
  const from = Math.floor(nowMs / 1000) % hosts.length
  return [...hosts.slice(from), ...hosts.slice(0, from)].slice(0, ENUMERATED)
}

/** Some at once, in their order. */
async function eachOf<T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<R[]> {
  const found: R[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    found.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(look))))
  return found
}

/** Every old version and weak suite is refused, and a modern one is taken, by every host. */
export function judgeVersions(seen: readonly SeenHost[], visible: readonly Offer[]): Finding {
  return judge(
    'web',
    seen,
    visible,
    OLD,
    (host) => {
      const taken = OLD.filter((offer) => host.shakes.get(offer)?.outcome === 'accepted')
      if (taken.length > 0)
        return {
          seen: sentence({ en: 'takes {taken}', sv: 'tar emot {taken}' }, { taken: listed(taken) }),
          isAsPromised: false,
        }
      const isModern = MODERN.some((offer) => host.shakes.get(offer)?.outcome === 'accepted')
      const isRefused = OLD.every((offer) => host.shakes.get(offer)?.outcome === 'refused')
      return isModern && isRefused
        ? { seen: REFUSES, isAsPromised: true }
        : { seen: SILENT, isAsPromised: null }
    },
    { en: 'modern TLS only', sv: 'endast modern TLS' },
  )
}

/** What is agreed on has ephemeral keys, and suites without them are refused. */
export function judgeSecrecy(seen: readonly SeenHost[], visible: readonly Offer[]): Finding {
  return judge(
    'forward-secrecy',
    seen,
    visible,
    ['tls-1.2-weak'],
    (host) => {
      if (host.shakes.get('tls-1.2-weak')?.outcome === 'accepted') return { seen: BARE, isAsPromised: false }
      const agreed = MODERN.flatMap((offer) => {
        const shake = host.shakes.get(offer)
        return shake?.outcome === 'accepted' ? [shake] : []
      })
      const all = [...(host.suites ?? []), ...agreed]
      const bare = all.find((one) => one.protocol !== 'TLSv1.3' && !/^TLS_(ECDHE|DHE)_/.test(one.suite))
      if (bare)
        return {
          seen: sentence({ en: 'agreed on {suite}', sv: 'enades om {suite}' }, { suite: bare.suite }),
          isAsPromised: false,
        }
      const isRefused = host.shakes.get('tls-1.2-weak')?.outcome === 'refused'
      return agreed.length > 0 && isRefused && host.suites !== null
        ? { seen: listed([...new Set(all.map((one) => one.suite))]), isAsPromised: true }
        : { seen: SILENT, isAsPromised: null }
    },
    { en: 'suites with forward secrecy only', sv: 'endast sviter med framåtsekretess' },
  )
}

export function judgeCertificates(seen: readonly SeenHost[], mustHoldMs: number, left: string): Finding {
  return judge(
    'certificates',
    seen,
    [],
    [],
    (host) => {
      const dates = [...host.shakes.values()].flatMap((one) =>
        one.outcome === 'accepted' ? (one.validToMs ?? []) : [],
      )
      if (dates.length === 0)
        return { seen: { en: 'showed no certificate', sv: 'visade inget certifikat' }, isAsPromised: null }
      const distrusted = [...host.shakes.values()].find((one) => one.outcome === 'accepted' && one.distrusted)
      if (distrusted?.outcome === 'accepted')
        return {
          seen: sentence(
            {
              en: 'shows a certificate that is not valid for it ({why})',
              sv: 'visar ett certifikat som inte gäller för den ({why})',
            },
            { why: distrusted.distrusted ?? '' },
          ),
          isAsPromised: false,
        }
      const until = new Date(Math.min(...dates)).toISOString().slice(0, 10)
      return {
        seen: sentence(
          { en: 'has a certificate valid to {until}', sv: 'har ett certifikat som gäller till {until}' },
          { until },
        ),
        isAsPromised: Math.min(...dates) >= mustHoldMs,
      }
    },
    sentence(
      {
        en: 'the certificate is valid for at least another {left}',
        sv: 'certifikatet gäller i minst {left} till',
      },
      { left: lasting(left) },
    ),
  )
}

const CLASSES = [2, 3, 4, 5] as const

/** Every answer that was had says it, and every address gave answers of every class. */
export function judgeHsts(seen: readonly SeenHost[], leastSeconds: number): Finding {
  return judge(
    'hsts',
    seen,
    [],
    [],
    ({ answers }) => {
      if (answers.length === 0) return { seen: NO_ANSWER, isAsPromised: null }
      const [without] = answers.filter((one) => maxAgeOf(one.strictTransportSecurity) < leastSeconds)
      if (without)
        return {
          seen: sentence(
            { en: 'says {header} with its answer {status}', sv: 'säger {header} i sitt svar {status}' },
            {
              header: without.strictTransportSecurity ?? { en: 'nothing', sv: 'inget' },
              status: String(without.status),
            },
          ),
          isAsPromised: false,
        }
      const statuses = [...new Set(answers.map((one) => one.status))].sort((a, b) => a - b)
      const unseen = CLASSES.filter((one) => !statuses.some((status) => Math.floor(status / 100) === one))
      return unseen.length === 0
        ? {
            seen: sentence({ en: 'on {statuses}', sv: 'i {statuses}' }, { statuses: statuses.join(', ') }),
            isAsPromised: true,
          }
        : {
            seen: sentence(
              { en: 'gave no answer of class {classes}', sv: 'gav inget svar av klass {classes}' },
              { classes: unseen.map((one) => `${one}xx`).join(', ') },
            ),
            isAsPromised: null,
          }
    },
    { en: 'HSTS with every class of answer', sv: 'HSTS i alla slags svar' },
  )
}

const ADDRESSES: Noun = { en: ['address', 'addresses'], sv: ['adress', 'adresser'] }
const REFUSES: Words = {
  en: 'refuses TLS 1.0, 1.1 and weak suites',
  sv: 'avvisar TLS 1.0, 1.1 och svaga sviter',
}
const SILENT: Words = { en: 'did not answer every handshake', sv: 'svarade inte på varje handskakning' }
const BARE: Words = {
  en: 'takes a suite without forward secrecy',
  sv: 'tar emot en svit utan framåtsekretess',
}
const NO_ANSWER: Words = { en: 'gave no answer', sv: 'gav inget svar' }

type Look = { seen: Words; isAsPromised: boolean | null }

function judge(
  part: string,
  seen: readonly SeenHost[],
  visible: readonly Offer[],
  mustBeVisible: readonly Offer[],
  look: (host: SeenHost) => Look,
  shown: Words,
): Finding {
  const looks = seen.map((host): Evidence => ({ what: host.name, ...look(host) }))
  const of = (is: boolean | null) => looks.filter((one) => one.isAsPromised === is)
  const population = {
    all: looks.length,
    examined: looks.length - of(null).length,
    kept: of(true).length,
    of: named(looks.length, ADDRESSES),
  }
  const evidence = [...of(false), ...of(null), ...of(true)].slice(0, EVIDENCE_AT_MOST)
  const common = { part, population, evidence }
  const [worst] = of(false)
  if (worst) return { ...common, state: 'broken', reason: said(worst) }
  const blind = mustBeVisible.filter((offer) => !visible.includes(offer))
  if (blind.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: sentence(
        {
          en: 'This machine could not have seen {blind}.',
          sv: 'Den här maskinen hade inte kunnat se {blind}.',
        },
        { blind: blind.join(', ') },
      ),
    }
  const [silent] = of(null)
  if (silent) return { ...common, state: 'unknown', reason: said(silent) }
  if (looks.length === 0)
    return {
      ...common,
      state: 'unknown',
      reason: { en: 'No address was found.', sv: 'Ingen adress hittades.' },
    }
  const all = share(looks.length, looks.length, ADDRESSES)
  return {
    ...common,
    state: 'kept',
    reason: sentence({ en: '{all}: {shown}.', sv: '{all}: {shown}.' }, { all, shown }),
  }
}

const said = ({ what, seen }: Evidence) =>
  sentence({ en: '{what} {seen}.', sv: '{what} {seen}.' }, { what, seen })

const OPEN: Words = { en: 'takes connections', sv: 'tar emot anslutningar' }
const CLOSED: Words = { en: 'refuses connections', sv: 'avvisar anslutningar' }
const NOT_OFFERED = { en: 'No {name} is offered.', sv: 'Ingen {name} erbjuds.' } as const

async function judgeMail(
  eyes: TransportEyes,
  part: string,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<Finding> {
  const looks = await Promise.all(
    ports.map(async (port) => ({ port, is: await eyes.web.isListening(eyes.mailAddress, port, signal) })),
  )
  const evidence = looks.map(({ port, is }) => ({
    what: `port ${port}`,
    seen: is === null ? NO_ANSWER : is ? OPEN : CLOSED,
    isAsPromised: is === false ? true : null,
  }))
  const open = looks.filter((one) => one.is !== false).map((one) => one.port)
  if (open.length === 0)
    return { part, state: 'absent', reason: sentence(NOT_OFFERED, { name: part.toUpperCase() }), evidence }
  const reason = sentence(
    {
      en: 'Something answers on port {open}, which is not looked at yet.',
      sv: 'Något svarar på port {open}, vilket inte granskas än.',
    },
    { open: open.join(', ') },
  )
  return { part, state: 'unknown', reason, evidence }
}

function maxAgeOf(header: string | null): number {
  return Number(/(?:^|;)\s*max-age="?(\d+)"?/i.exec(header ?? '')?.[1] ?? -1)
}
