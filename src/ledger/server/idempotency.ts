import { hkdfSync } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from '../disk.ts'

/** Idempotency keys of at least this many of the newest entries are remembered. */
export const REMEMBERED_ENTRIES = 2 ** 21
const RECORD_BYTES = 8
const EMPTY = 0
const REMOVED = 0xffffffff
const SMALLEST_TABLE = 2 ** 12

/** Turns a key into 64 bits, the same for this log always; told apart from other logs' by the seed. */
export type Fingerprint = (key: string, into: Uint32Array, at: number) => void

/**
 * Fingerprints of the idempotency keys of the newest entries: in memory 12 bytes a slot, in two generations of up to
 * 2^21 entries (at most 100 MiB together), on disk 8 bytes an entry. A match is only a hint; the sealed record decides.
 */
export type KeyMemory = {
  fingerprint: Fingerprint
  /** Indices of remembered entries with this fingerprint; nearly always none. */
  find(high: number, low: number): number[]
  /** Remembers; entries come in rising order. */
  insert(high: number, low: number, index: number): void
  /** Takes back an insertion of which the commit failed. */
  remove(high: number, low: number, index: number): void
  /** Notes fingerprints of committed entries (pairs of high and low) for the next `write`. */
  committed(first: number, pairs: Uint32Array): void
  /** Writes what was noted, without waiting for stable storage. */
  write(): void
  /** Makes what was written durable. */
  sync(): Promise<void>
}

type Generation = { base: number; high: Uint32Array; low: Uint32Array; slot: Uint32Array; used: number }

/** A memory that knows the entries below `size` from its files, which must be durable up to there. */
export function openKeyMemory(disk: Disk, folder: string, secret: Buffer, size: number): KeyMemory {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fingerprint = fingerprintOf(secret)
  let older: Generation | undefined
  let newer = emptyGeneration(0)
  let noted: { first: number; pairs: Uint32Array }[] = []
  const unsynced = new Set<string>()

  const insert = (high: number, low: number, index: number) => {
    const base = Math.floor(index / REMEMBERED_ENTRIES) * REMEMBERED_ENTRIES
    if (base !== newer.base) {
      older = base - newer.base === REMEMBERED_ENTRIES ? newer : undefined
      newer = emptyGeneration(base)
    }
    if (newer.used * 2 >= newer.slot.length) newer = grown(newer)
    put(newer, high, low, index - newer.base + 1)
  }

  const newest = Math.floor(Math.max(size - 1, 0) / REMEMBERED_ENTRIES)
  for (const file of [newest - 1, newest]) {
    const path = join(folder, nameOf(file))
    if (file < 0 || !existsSync(path)) continue
    const base = file * REMEMBERED_ENTRIES
    const pairs = readPairs(path, Math.min(REMEMBERED_ENTRIES, size - base))
    for (let i = 0; i < pairs.length / 2; i++) insert(pairs[2 * i]!, pairs[2 * i + 1]!, base + i)
  }

  return {
    fingerprint,
    find(high, low) {
      const found: number[] = []
      for (const generation of older ? [newer, older] : [newer])
        for (const slot of slotsOf(generation, high, low))
          found.push(generation.base + generation.slot[slot]! - 1)
      return found
    },
    insert,
    remove(high, low, index) {
      for (const generation of older ? [newer, older] : [newer])
        for (const slot of slotsOf(generation, high, low))
          if (generation.slot[slot] === index - generation.base + 1) generation.slot[slot] = REMOVED
    },
    committed(first, pairs) {
      noted.push({ first, pairs })
    },
    write() {
      while (noted.length > 0) {
        const { first, pairs } = noted[0]!
        const file = Math.floor(first / REMEMBERED_ENTRIES)
        const place = first - file * REMEMBERED_ENTRIES
        const count = Math.min(pairs.length / 2, REMEMBERED_ENTRIES - place)
        const path = join(folder, nameOf(file))
        const bytes = Buffer.allocUnsafe(count * RECORD_BYTES)
        for (let i = 0; i < 2 * count; i++) bytes.writeUInt32BE(pairs[i]!, i * 4)
        writeAt(path, bytes, place * RECORD_BYTES)
        unsynced.add(path)
        // What was written is not noted again, even when the next piece cannot be.
        if (count * 2 === pairs.length) noted = noted.slice(1)
        else noted[0] = { first: first + count, pairs: pairs.subarray(count * 2) }
        if (place === 0) forget(folder, file - 2)
      }
    },
    async sync() {
      for (const path of [...unsynced]) {
        if (existsSync(path)) await disk.syncPath(path)
        unsynced.delete(path)
      }
      await disk.syncPath(folder)
    },
  }
}

function fingerprintOf(secret: Buffer): Fingerprint {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'borgen/idempotency/1', 8))
  const [seedA, seedB] = [seed.readUInt32LE(0), seed.readUInt32LE(4)]
  // Two rounds of murmur's mixing over one pass: not secret, only even and different for each log.
  return (key, into, at) => {
    let a = seedA
    let b = seedB ^ key.length
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x85ebca77)
      b = Math.imul(b ^ unit, 0xc2b2ae3d)
      a = (a << 13) | (a >>> 19)
      b = (b << 17) | (b >>> 15)
    }
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
    into[at] = a >>> 0
    into[at + 1] = b >>> 0
  }
}

function emptyGeneration(base: number, size = SMALLEST_TABLE): Generation {
  return {
    base,
    high: new Uint32Array(size),
    low: new Uint32Array(size),
    slot: new Uint32Array(size),
    used: 0,
  }
}

function put(generation: Generation, high: number, low: number, value: number): void {
  const mask = generation.slot.length - 1
  let slot = low & mask
  while (generation.slot[slot] !== EMPTY) slot = (slot + 1) & mask
  generation.high[slot] = high
  generation.low[slot] = low
  generation.slot[slot] = value
  generation.used++
}

function slotsOf(generation: Generation, high: number, low: number): number[] {
  const mask = generation.slot.length - 1
  let found: number[] | undefined
  for (let slot = low & mask; generation.slot[slot] !== EMPTY; slot = (slot + 1) & mask)
    if (generation.low[slot] === low && generation.high[slot] === high && generation.slot[slot] !== REMOVED) {
      found ??= []
      found.push(slot)
    }
  return found ?? NONE
}
const NONE: number[] = []

function grown(generation: Generation): Generation {
  const larger = emptyGeneration(generation.base, generation.slot.length * 2)
  for (let i = 0; i < generation.slot.length; i++) {
    const value = generation.slot[i]!
    if (value !== EMPTY && value !== REMOVED) put(larger, generation.high[i]!, generation.low[i]!, value)
  }
  return larger
}

function nameOf(file: number): string {
  return `${String(file).padStart(10, '0')}.fp`
}

function forget(folder: string, upTo: number): void {
  for (const name of readdirSync(folder))
    if (name.endsWith('.fp') && Number(name.slice(0, -3)) <= upTo) rmSync(join(folder, name), { force: true })
}

function readPairs(path: string, count: number): Uint32Array {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(count, 0) * RECORD_BYTES)
    const read = readSync(fd, bytes, 0, bytes.length, 0)
    const pairs = new Uint32Array(Math.floor(read / RECORD_BYTES) * 2)
    for (let i = 0; i < pairs.length; i++) pairs[i] = bytes.readUInt32BE(i * 4)
    return pairs
  } finally {
    closeSync(fd)
  }
}

function writeAt(path: string, bytes: Buffer, at: number): void {
  const fd = existsSync(path) ? openSync(path, 'r+') : openSync(path, 'w', 0o600)
  try {
    let written = 0
    while (written < bytes.length)
      written += writeSync(fd, bytes, written, bytes.length - written, at + written)
  } finally {
    closeSync(fd)
  }
}
