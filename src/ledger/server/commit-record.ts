import { z } from 'zod'
import type { Head } from '../segments/writers.ts'
import type { Bundle, TreeEdges } from '../tree/tile-store.ts'

/** The state at a journal's base: enough to go on without anything that the journal's own records would tell. */
export type BaseState = { tree: TreeEdges; heads: Head[] }

/** One commit: entries that follow each other, their fingerprints, and where the segments end after it. */
export type Commit = { first: number; pairs: Uint32Array; bundle: Bundle; heads: Head[] }

const count = z.number().int().min(0)
const headSchema = z.tuple([z.string(), z.string(), count, count, count])
const baseSchema = z.strictObject({
  kind: z.literal('base'),
  v: z.literal(1),
  size: count,
  edges: z.array(z.strictObject({ index: count, width: count, hashes: z.base64() })),
  entries: z.base64(),
  heads: z.array(headSchema),
})
const commitSchema = z.strictObject({ first: count, count, heads: z.array(headSchema) })

export function encodeBase({ tree, heads }: BaseState): Buffer {
  const edges = tree.edges.map(({ index, width, bytes }) => ({
    index,
    width,
    hashes: bytes.toString('base64'),
  }))
  const entries = tree.entries.toString('base64')
  return Buffer.from(
    JSON.stringify({ kind: 'base', v: 1, size: tree.size, edges, entries, heads: heads.map(tupleOf) }),
  )
}

export function decodeBase(payload: Buffer): BaseState {
  const base = baseSchema.parse(JSON.parse(payload.toString()))
  const edges = base.edges.map(({ index, width, hashes }) => ({
    index,
    width,
    bytes: Buffer.from(hashes, 'base64'),
  }))
  const tree = { size: base.size, edges, entries: Buffer.from(base.entries, 'base64') }
  return { tree, heads: base.heads.map(headOf) }
}

/** Payload: u32 length ‖ JSON ‖ 8 bytes of fingerprint an entry ‖ bundle. */
export function encodeCommit(commit: Omit<Commit, 'bundle'>, bundles: Buffer[]): Buffer[] {
  const meta = Buffer.from(
    JSON.stringify({ first: commit.first, count: commit.pairs.length / 2, heads: commit.heads.map(tupleOf) }),
  )
  const start = Buffer.allocUnsafe(4)
  start.writeUInt32BE(meta.length)
  const pairs = Buffer.allocUnsafe(commit.pairs.length * 4)
  for (let i = 0; i < commit.pairs.length; i++) pairs.writeUInt32BE(commit.pairs[i]!, i * 4)
  return [start, meta, pairs, ...bundles]
}

export function decodeCommit(payload: Buffer): Commit {
  const metaEnd = 4 + payload.readUInt32BE(0)
  const meta = commitSchema.parse(JSON.parse(payload.toString('utf8', 4, metaEnd)))
  const bundleStart = metaEnd + meta.count * 8
  const pairs = new Uint32Array(meta.count * 2)
  for (let i = 0; i < pairs.length; i++) pairs[i] = payload.readUInt32BE(metaEnd + i * 4)
  const bytes = payload.subarray(bundleStart)
  const ends = new Uint32Array(meta.count)
  let at = 0
  for (let i = 0; i < meta.count; i++) {
    at += 2 + bytes.readUInt16BE(at)
    ends[i] = at
  }
  if (at !== bytes.length) throw new Error('a commit holds more than its entries')
  return { first: meta.first, pairs, bundle: { bytes, ends }, heads: meta.heads.map(headOf) }
}

function tupleOf(head: Head): z.infer<typeof headSchema> {
  return [head.region, head.subject, head.first, head.length, head.frames]
}

function headOf([region, subject, first, length, frames]: z.infer<typeof headSchema>): Head {
  return { region, subject, first, length, frames }
}
