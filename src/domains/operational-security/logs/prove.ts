import { setTimeout as delay } from 'node:timers/promises'
import { verifyCheckpoint, verifyConsistency } from '../../../../verify/src/index.ts'
import type { WitnessReader } from '../../../drivers/witnesses/contract/witness.ts'
import { type Clock, isoOf } from '../../../kernel/clock.ts'
import type { WitnessAt } from '../../../kernel/witnesses.ts'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Proof } from '../../../pledges/runner.ts'
import { counted, joined, type Noun, named, same, sentence, share } from '../../../pledges/sentence.ts'
import { secondsOf } from '../../../pledges/units.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import { isolated } from './pledges.ts'
import { type AlterEyes, proveCannotAlter } from './prove-alter.ts'
import { createSealedLook, type SealedEyes } from './prove-sealed.ts'
import { checkPublished } from './published-tree.ts'

/** What the proof of the log looks with. */
export type LogEyes = AlterEyes &
  SealedEyes & {
    ledger: Pick<LedgerClient, 'consistencyProof' | 'published' | 'altered'>
    /** The log's public key as the supervisor handed it over: not what the log says of itself. */
    logKey: string
    witnesses: readonly (WitnessAt & { reader: WitnessReader })[]
    /** The machine's clock, by which witnesses sign. */
    clock: Clock
    /** How long to wait before looking again at what is on its way. */
    pauseMs?: number
  }

type Head = { size: number; root: Buffer }
type Seen =
  | { kind: 'saw'; head: Head; atMs: number }
  | { kind: 'silent'; why: Words }
  | { kind: 'forged'; why: Words }

const PART = 'append-only'
const POLL_MS = 500
/** A witness's time is in whole seconds. */
const ROUNDING_MS = 1_000
const GRACE_MS = 3_000
/** Bundles of 256 entries that are read anew in one run: the newest, and a stripe that moves on through all the others. */
const BUNDLES_AT_ONCE = 512
const NEWEST = 128
const PASSES = 8

/** `logs.isolated`: asked of the witnesses themselves, read from the log's disk, and tried with other people's rights. */
export function proveIsolated(eyes: LogEyes): Proof {
  let stripe = 0
  const lookAtSealed = createSealedLook(eyes)
  return {
    pledge: isolated.id,
    async prove({ values, signal }) {
      const everyMs = secondsOf(String(values.checkpoint)) * 1000
      const [seen, alter, sealed] = await Promise.all([
        Promise.all(eyes.witnesses.map((witness) => askWitness(eyes, witness, everyMs, signal))),
        proveCannotAlter(eyes),
        lookAtSealed(),
      ])
      const tree = await lookAtTree(eyes, seen, stripe, signal)
      stripe = tree.nextStripe
      return [await judgeGrowth(eyes, seen, tree, everyMs), sealed, alter]
    },
  }
}

/** What a witness itself says it saw last; where that is too old it is asked again until the next one is due. */
async function askWitness(
  eyes: LogEyes,
  { key, reader }: LogEyes['witnesses'][number],
  everyMs: number,
  signal: AbortSignal,
): Promise<Seen> {
  const giveUpAt = eyes.clock.now() + Math.min(everyMs, 15_000) + GRACE_MS
  for (;;) {
    const seen = await askOnce(eyes, key, reader)
    const isFresh = seen.kind === 'saw' && eyes.clock.now() - seen.atMs <= 2 * everyMs + ROUNDING_MS
    if (isFresh || seen.kind === 'forged' || eyes.clock.now() >= giveUpAt) return seen
    await delay(eyes.pauseMs ?? POLL_MS, undefined, { signal })
  }
}

async function askOnce({ logKey }: LogEyes, key: string, reader: WitnessReader): Promise<Seen> {
  let note: string | undefined
  try {
    note = await reader.newest(logKey.split('+')[0]!)
  } catch (error) {
    return { kind: 'silent', why: same(error instanceof Error ? error.message : String(error)) }
  }
  if (note === undefined) return { kind: 'silent', why: NOT_YET }
  const verdict = verifyCheckpoint({ checkpoint: Buffer.from(note), key: logKey, witnesses: [key] })
  if (verdict.verdict !== 'verified') return { kind: 'forged', why: same(`${verdict.message}.`) }
  const [said] = verdict.cosignatures
  if (!said) return { kind: 'forged', why: NOT_ITS_OWN }
  const { size, root } = verdict.checkpoint
  return { kind: 'saw', head: { size: Number(size), root }, atMs: Number(said.timeSeconds) * 1000 }
}

type Tree = { head?: Head; damage?: Words; evidence: Evidence[]; nextStripe: number }

/** What lies on the log's disk: as new as what the witnesses saw, whole, and the entries those that were signed. */
async function lookAtTree(
  eyes: LogEyes,
  seen: readonly Seen[],
  from: number,
  signal: AbortSignal,
): Promise<Tree> {
  const sizes = seen.flatMap((one) => (one.kind === 'saw' ? [one.head.size] : []))
  let tree: Tree = { damage: NO_CHECKPOINT, evidence: [], nextStripe: from }
  for (let pass = 0; pass < PASSES; pass++) {
    if (pass > 0) await delay(eyes.pauseMs ?? POLL_MS, undefined, { signal })
    const note = await eyes.ledger.published('checkpoint')
    const verdict = note && verifyCheckpoint({ checkpoint: note, key: eyes.logKey })
    if (verdict?.verdict !== 'verified') {
      const what = verdict?.message ?? MISSING
      tree = { ...tree, damage: sentence(ITS_CHECKPOINT, { what }) }
      continue
    }
    const head = { size: Number(verdict.checkpoint.size), root: verdict.checkpoint.root }
    const { bundles, nextStripe } = stripeOf(head.size, from)
    const damage = head.size === 0 ? undefined : await checkPublished(eyes.ledger.published, head, bundles)
    tree = {
      head,
      ...(damage ? { damage: sentence(ON_DISK, damage) } : {}),
      evidence: [
        {
          what: HASHED_ANEW,
          seen: share(Math.min(bundles.length * 256, head.size), head.size, ENTRIES),
          isAsPromised: damage === undefined,
        },
      ],
      nextStripe,
    }
    // A running log may be replacing what is read; and its disk follows what it signed within a second.
    if (!damage && sizes.every((size) => size <= head.size)) break
  }
  return tree
}

function stripeOf(size: number, from: number): { bundles: number[]; nextStripe: number } {
  const all = Math.ceil(size / 256)
  const range = (start: number, end: number) =>
    Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i)
  if (all <= BUNDLES_AT_ONCE) return { bundles: range(0, all), nextStripe: 0 }
  const old = all - NEWEST
  const start = from >= old ? 0 : from
  const end = Math.min(old, start + BUNDLES_AT_ONCE - NEWEST)
  return { bundles: [...range(start, end), ...range(old, all)], nextStripe: end }
}

async function judgeGrowth(
  eyes: LogEyes,
  seen: readonly Seen[],
  tree: Tree,
  everyMs: number,
): Promise<Finding> {
  const nowMs = eyes.clock.now()
  const judged = await Promise.all(
    eyes.witnesses.map(async (witness, at) => ({
      witness,
      ...(await judgeWitness(eyes, seen[at]!, tree, everyMs, nowMs)),
    })),
  )
  const altered = await eyes.ledger.altered()
  const evidence: Evidence[] = [
    ...judged.map(({ witness, says, state }) => ({
      what: witness.isLocal ? sentence(ON_THIS_MACHINE, witness) : witness.name,
      seen: says,
      isAsPromised: state === 'unknown' ? null : state === 'kept',
    })),
    ...tree.evidence,
    ...altered.slice(0, 10).map(({ path, keptAs }) => ({
      what: `tree/${path}`,
      seen: sentence(WAS_ALTERED, { keptAs }),
      isAsPromised: false,
    })),
  ]
  const kept = judged.filter(({ state }) => state === 'kept').length
  const examined = judged.filter(({ state }) => state !== 'unknown').length
  const found = {
    part: PART,
    population: { all: judged.length, examined, kept, of: named(judged.length, WITNESSES) },
    evidence,
  }
  const breach = judged
    .filter(({ state }) => state === 'broken')
    .map(({ witness, says }) => joined([witness.name, says], ': '))
  if (tree.damage) breach.unshift(tree.damage)
  if (altered.length > 0) breach.push(sentence(ALTERED, { files: counted(altered.length, FILES) }))
  if (breach.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: joined(breach),
      remedy: KEEP_A_COPY,
    }
  if (judged.length === 0) return { ...found, state: 'unknown', reason: NOBODY, remedy: ADD_ONE }
  const silent = judged
    .filter(({ state }) => state === 'unknown')
    .map(({ witness, says }) => joined([witness.name, says], ': '))
  if (silent.length > 0) return { ...found, state: 'unknown', reason: joined(silent), remedy: SEE_WITNESS }
  const isLocalOnly = eyes.witnesses.every(({ isLocal }) => isLocal)
  return {
    ...found,
    state: 'kept',
    reason: joined([
      sentence(ONLY_GREW, { share: share(kept, judged.length, WITNESSES) }),
      ...(isLocalOnly ? [SAME_MACHINE] : []),
    ]),
  }
}

const WITNESSES: Noun = { en: ['witness', 'witnesses'], sv: ['vittne', 'vittnen'] }
const ENTRIES: Noun = { en: ['entry', 'entries'], sv: ['post', 'poster'] }
const ADD_ONE: Words = {
  en: 'Run a witness elsewhere and name it: `borgen up --witness URL=KEY` (docs/witness.md).',
  sv: 'Kör ett vittne någon annanstans och ange det: `borgen up --witness URL=KEY` (docs/witness.md).',
}
const SEE_WITNESS: Words = { en: 'See that the witness runs.', sv: 'Se till att vittnet kör.' }
const KEEP_A_COPY: Words = {
  en: 'Keep a copy of the log’s folder as evidence; `borgen log verify` names each place. Then put back what verifies.',
  sv: 'Spara en kopia av loggens mapp som belägg; `borgen log verify` pekar ut varje ställe. Lägg sedan tillbaka det som går att verifiera.',
}
const NOBODY: Words = {
  en: 'Nobody outside the log cosigns it.',
  sv: 'Ingen utanför loggen medsignerar den.',
}
const SAME_MACHINE: Words = {
  en: 'The witness runs on this machine as a user of its own: the same failure domain. One elsewhere shows more (docs/witness.md).',
  sv: 'Vittnet kör på den här maskinen som en egen användare: samma feldomän. Ett vittne någon annanstans visar mer (docs/witness.md).',
}
const ONLY_GREW = {
  en: 'The log only grew; confirmed by {share}.',
  sv: 'Loggen har bara vuxit; det bekräftas av {share}.',
} as const
const FILES: Noun = {
  en: ['published file', 'published files'],
  sv: ['publicerad fil', 'publicerade filer'],
}
const ALTERED = { en: 'Altered on the log’s disk: {files}.', sv: 'Ändrat på loggens disk: {files}.' } as const
const WAS_ALTERED = {
  en: 'was altered on the disk; what stood there is kept as {keptAs}',
  sv: 'ändrades på disken; det som stod där är sparat som {keptAs}',
} as const
const NO_CHECKPOINT: Words = {
  en: 'The log publishes no checkpoint.',
  sv: 'Loggen publicerar ingen kontrollpunkt.',
}
const MISSING: Words = { en: 'it is missing', sv: 'den saknas' }
const ITS_CHECKPOINT = {
  en: 'Its published checkpoint: {what}.',
  sv: 'Dess publicerade kontrollpunkt: {what}.',
} as const
const ON_DISK = { en: 'On the log’s disk {file}: {what}.', sv: 'På loggens disk {file}: {what}.' } as const
const HASHED_ANEW: Words = {
  en: 'entries read from the log’s disk and hashed anew',
  sv: 'poster lästa från loggens disk och hashade på nytt',
}
const ON_THIS_MACHINE = { en: '{name} (on this machine)', sv: '{name} (på den här maskinen)' } as const
const NOT_YET: Words = {
  en: 'It has not cosigned this log yet.',
  sv: 'Det har inte medsignerat den här loggen än.',
}
const NOT_ITS_OWN: Words = {
  en: 'What it shows does not bear its signature.',
  sv: 'Det som det visar bär inte dess signatur.',
}
const COSIGNED = { en: 'cosigned {entries} at {at}', sv: 'medsignerade {entries} {at}' } as const
const HAS = { en: '{when}; the log has {size}', sv: '{when}; loggen har {size}' } as const
const NOTHING_TO_COMPARE = {
  en: 'it {when}; the log shows nothing to compare with.',
  sv: 'det {when}; loggen visar inget att jämföra med.',
} as const
const CUT_SHORT = {
  en: 'it {when}, and the log has {size}: it was cut short or rolled back.',
  sv: 'det {when}, och loggen har {size}: den har kortats eller vridits tillbaka.',
} as const
const REWRITTEN = {
  en: 'it {when}, which the log does not contain: history was rewritten.',
  sv: 'det {when}, vilket loggen inte innehåller: historien har skrivits om.',
} as const
const LONG_AGO = {
  en: 'it last {when}, {seconds} s ago.',
  sv: 'det {when}, för {seconds} s sedan, och inte efter det.',
} as const
const AHEAD = {
  en: 'it {when}, which is ahead of this machine’s clock.',
  sv: 'det {when}, vilket är före den här maskinens klocka.',
} as const

async function judgeWitness(
  eyes: LogEyes,
  seen: Seen,
  { head }: Tree,
  everyMs: number,
  nowMs: number,
): Promise<{ state: 'kept' | 'broken' | 'unknown'; says: Words }> {
  if (seen.kind === 'silent') return { state: 'unknown', says: seen.why }
  if (seen.kind === 'forged') return { state: 'broken', says: seen.why }
  const { size, root } = seen.head
  const ageMs = nowMs - seen.atMs
  const when = sentence(COSIGNED, { entries: counted(size, ENTRIES), at: isoOf(seen.atMs) })
  if (!head) return { state: 'unknown', says: sentence(NOTHING_TO_COMPARE, { when }) }
  if (size > head.size)
    return {
      state: 'broken',
      says: sentence(CUT_SHORT, { when, size: head.size }),
    }
  if (size > 0) {
    const hashes = (await eyes.ledger.consistencyProof(size, head.size)).hashes.map((hash) =>
      Buffer.from(hash, 'hex'),
    )
    const sizes = { from: BigInt(size), to: BigInt(head.size), fromRoot: root, toRoot: head.root }
    const proof = verifyConsistency({ ...sizes, hashes })
    if (proof.verdict !== 'verified') return { state: 'broken', says: sentence(REWRITTEN, { when }) }
  }
  if (ageMs > 2 * everyMs + ROUNDING_MS)
    return { state: 'broken', says: sentence(LONG_AGO, { when, seconds: Math.round(ageMs / 1000) }) }
  if (ageMs < -60_000) return { state: 'unknown', says: sentence(AHEAD, { when }) }
  return { state: 'kept', says: sentence(HAS, { when, size: head.size }) }
}
