import { setTimeout as delay } from 'node:timers/promises'
import { verifyCheckpoint, verifyConsistency } from '../../../../verify/src/index.ts'
import type { WitnessReader } from '../../../drivers/witnesses/contract/witness.ts'
import { type Clock, isoOf } from '../../../kernel/clock.ts'
import type { WitnessAt } from '../../../kernel/witnesses.ts'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import type { Proof } from '../../../pledges/runner.ts'
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
  | { kind: 'silent'; why: string }
  | { kind: 'forged'; why: string }

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
    return { kind: 'silent', why: error instanceof Error ? error.message : String(error) }
  }
  if (note === undefined) return { kind: 'silent', why: 'It has not cosigned this log yet.' }
  const verdict = verifyCheckpoint({ checkpoint: Buffer.from(note), key: logKey, witnesses: [key] })
  if (verdict.verdict !== 'verified') return { kind: 'forged', why: `${verdict.message}.` }
  const [said] = verdict.cosignatures
  if (!said) return { kind: 'forged', why: 'What it shows does not bear its signature.' }
  const { size, root } = verdict.checkpoint
  return { kind: 'saw', head: { size: Number(size), root }, atMs: Number(said.timeSeconds) * 1000 }
}

type Tree = { head?: Head; damage?: string; evidence: Evidence[]; nextStripe: number }

/** What lies on the log's disk: as new as what the witnesses saw, whole, and the entries those that were signed. */
async function lookAtTree(
  eyes: LogEyes,
  seen: readonly Seen[],
  from: number,
  signal: AbortSignal,
): Promise<Tree> {
  const sizes = seen.flatMap((one) => (one.kind === 'saw' ? [one.head.size] : []))
  let tree: Tree = { damage: 'The log publishes no checkpoint.', evidence: [], nextStripe: from }
  for (let pass = 0; pass < PASSES; pass++) {
    if (pass > 0) await delay(eyes.pauseMs ?? POLL_MS, undefined, { signal })
    const note = await eyes.ledger.published('checkpoint')
    const verdict = note && verifyCheckpoint({ checkpoint: note, key: eyes.logKey })
    if (verdict?.verdict !== 'verified') {
      tree = { ...tree, damage: `Its published checkpoint: ${verdict?.message ?? 'it is missing'}.` }
      continue
    }
    const head = { size: Number(verdict.checkpoint.size), root: verdict.checkpoint.root }
    const { bundles, nextStripe } = stripeOf(head.size, from)
    const damage = head.size === 0 ? undefined : await checkPublished(eyes.ledger.published, head, bundles)
    tree = {
      head,
      ...(damage ? { damage: `On the log's disk ${damage.file}: ${damage.what}.` } : {}),
      evidence: [
        {
          what: 'entries read from the log’s disk and hashed anew',
          seen: `${Math.min(bundles.length * 256, head.size)} of ${head.size}`,
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
      what: `${witness.name}${witness.isLocal ? ' (on this machine)' : ''}`,
      seen: says,
      isAsPromised: state === 'unknown' ? null : state === 'kept',
    })),
    ...tree.evidence,
    ...altered.slice(0, 10).map(({ path, keptAs }) => ({
      what: `tree/${path}`,
      seen: `was altered on the disk; what stood there is kept as ${keptAs}`,
      isAsPromised: false,
    })),
  ]
  const kept = judged.filter(({ state }) => state === 'kept').length
  const examined = judged.filter(({ state }) => state !== 'unknown').length
  const found = { part: PART, population: { all: judged.length, examined, kept, of: 'witnesses' }, evidence }
  const breach = judged
    .filter(({ state }) => state === 'broken')
    .map(({ witness, says }) => `${witness.name}: ${says}`)
  if (tree.damage) breach.unshift(tree.damage)
  if (altered.length > 0)
    breach.push(
      `On its disk ${altered.length === 1 ? 'a published file of the log was' : `${altered.length} published files of the log were`} altered.`,
    )
  if (breach.length > 0)
    return {
      ...found,
      state: 'broken',
      reason: breach.join(' '),
      remedy:
        'Keep a copy of the log’s folder as evidence; `borgen log verify` names each place. Then put back what verifies.',
    }
  if (judged.length === 0)
    return { ...found, state: 'unknown', reason: 'Nobody outside the log cosigns it.', remedy: ADD_ONE }
  const silent = judged
    .filter(({ state }) => state === 'unknown')
    .map(({ witness, says }) => `${witness.name}: ${says}`)
  if (silent.length > 0)
    return { ...found, state: 'unknown', reason: silent.join(' '), remedy: 'See that the witness runs.' }
  const isLocalOnly = eyes.witnesses.every(({ isLocal }) => isLocal)
  const where = isLocalOnly
    ? ' The witness runs on this machine as a user of its own: the same failure domain. One elsewhere shows more (docs/witness.md).'
    : ''
  return {
    ...found,
    state: 'kept',
    reason: `The log only grew, as ${kept} of ${judged.length} witnesses confirm.${where}`,
  }
}

const ADD_ONE = 'Run a witness elsewhere and name it: borgen up --witness URL=KEY (docs/witness.md).'

async function judgeWitness(
  eyes: LogEyes,
  seen: Seen,
  { head }: Tree,
  everyMs: number,
  nowMs: number,
): Promise<{ state: 'kept' | 'broken' | 'unknown'; says: string }> {
  if (seen.kind === 'silent') return { state: 'unknown', says: seen.why }
  if (seen.kind === 'forged') return { state: 'broken', says: seen.why }
  const { size, root } = seen.head
  const ageMs = nowMs - seen.atMs
  const when = `cosigned ${size} entries at ${isoOf(seen.atMs)}`
  if (!head) return { state: 'unknown', says: `it ${when}; the log shows nothing to compare with.` }
  if (size > head.size)
    return {
      state: 'broken',
      says: `it ${when}, and the log has ${head.size}: it was cut short or rolled back.`,
    }
  if (size > 0) {
    const hashes = (await eyes.ledger.consistencyProof(size, head.size)).hashes.map((hash) =>
      Buffer.from(hash, 'hex'),
    )
    const sizes = { from: BigInt(size), to: BigInt(head.size), fromRoot: root, toRoot: head.root }
    const proof = verifyConsistency({ ...sizes, hashes })
    if (proof.verdict !== 'verified')
      return { state: 'broken', says: `it ${when}, which the log does not contain: history was rewritten.` }
  }
  if (ageMs > 2 * everyMs + ROUNDING_MS)
    return { state: 'broken', says: `it last ${when}, ${Math.round(ageMs / 1000)} s ago.` }
  if (ageMs < -60_000)
    return { state: 'unknown', says: `it ${when}, which is ahead of this machine’s clock.` }
  return { state: 'kept', says: `${when}; the log has ${head.size}` }
}
