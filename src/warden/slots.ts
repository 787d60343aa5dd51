import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { crashPoint } from './crash-point.ts'
import { ensureFolder, readJson, writeWhole } from './files.ts'
import type { InstanceFolder, Places } from './places.ts'
import { scramVerifier } from './scram.ts'
import { setPasswordSql } from './store.ts'
import type { Template } from './template.ts'
import { takeUid } from './uid-counter.ts'

export type Owner = { uid: number; gid: number }

const identitySchema = z.object({ slot: z.string(), uid: z.number().int(), gid: z.number().int() })
/** Who an instance is on this machine; `slot` is what its database password is derived from. */
export type Identity = z.infer<typeof identitySchema>

export async function readIdentity(folder: InstanceFolder): Promise<Identity | undefined> {
  const parsed = identitySchema.safeParse(await readJson(folder.identity))
  return parsed.success ? parsed.data : undefined
}

/** 256 bits derived from the warden's key: stands in no file, and is the same after a restart. */
export function databasePassword(key: Buffer, slot: string): string {
  return createHmac('sha256', key).update(`database-password:${slot}`).digest('base64url')
}

export type SlotGround = {
  places: Places
  template: Template
  passwordKey: Buffer
  root: boolean
  firstUid: number
  self: Owner
  groups: { edge: number; worker: number }
  /** `NAME=value` by which the next warden finds what this one was copying when it died. */
  markerOf(slot: string): string
  runSql(slot: string, folder: InstanceFolder, owner: Owner, database: string, sql: string[]): Promise<void>
}

/**
 * Prepared places for instances to come: user id, folders and a database with its password, everything but the name.
 * `take` renames one into the instance's place, or prepares one there and then when none is left.
 */
export function createSlots(ground: SlotGround, size: number, failed: (error: unknown) => void) {
  const ready: Identity[] = []
  let filling: Promise<void> | undefined
  let uidTurn: Promise<unknown> = Promise.resolve()
  let closed = false

  function nextOwner(): Promise<Owner> {
    if (!ground.root) return Promise.resolve(ground.self)
    const taken = uidTurn.then(async () => {
      const uid = await takeUid(ground.places.nextUid, ground.firstUid)
      crashPoint('slot.uid')
      return { uid, gid: uid }
    })
    uidTurn = taken.catch(() => {})
    return taken
  }

  async function prepare(niceness: number): Promise<Identity> {
    const owner = await nextOwner()
    const identity = { slot: randomBytes(16).toString('hex'), ...owner }
    const folder = ground.places.slot(identity.slot)
    await makeFolders(ground, folder, owner)
    crashPoint('slot.folders')
    await fillDatabase(ground, folder, identity, niceness)
    await writeWhole(folder.identity, JSON.stringify(identity), { mode: 0o600 })
    crashPoint('slot.marked')
    return identity
  }

  async function fill(): Promise<void> {
    while (!closed && ready.length < size) ready.push(await prepare(19))
  }

  return {
    /** Takes up what an earlier warden prepared; what is half made, or of another template, goes. */
    async recover(): Promise<void> {
      for (const name of await readdir(ground.places.pool)) {
        const folder = ground.places.slot(name)
        const identity = await readIdentity(folder)
        const usable = identity?.slot === name && existsSync(markOf(folder, ground.template))
        if (usable) ready.push(identity)
        else await rm(folder.root, { recursive: true, force: true })
      }
    },
    refill(): void {
      filling ??= fill()
        .catch(failed)
        .finally(() => {
          filling = undefined
        })
    },
    /** `mark` writes into it what is to stand there from the first moment on. */
    async take(into: InstanceFolder, mark?: (folder: InstanceFolder) => Promise<void>): Promise<Identity> {
      const identity = ready.shift() ?? (await prepare(0))
      await mark?.(ground.places.slot(identity.slot))
      await rename(ground.places.slot(identity.slot).root, into.root)
      crashPoint('instance.renamed')
      return identity
    },
    readyCount: () => ready.length,
    /** Resolves when nothing is being prepared any more. */
    async close(): Promise<void> {
      closed = true
      await filling
    },
    /** Gives an instance that had no database one. */
    async addDatabase(folder: InstanceFolder, identity: Identity): Promise<void> {
      await rm(folder.pg, { recursive: true, force: true })
      await fillDatabase(ground, folder, identity, 0)
    },
  }
}
export type Slots = ReturnType<typeof createSlots>

async function makeFolders(ground: SlotGround, folder: InstanceFolder, owner: Owner): Promise<void> {
  const { root, groups } = ground
  const own = root ? owner : undefined
  await ensureFolder(folder.root, 0o711)
  await ensureFolder(folder.files, 0o700, own)
  await ensureFolder(folder.db, 0o700, own)
  // The set-group-id bit makes the socket in it the edge's, whatever the application's own group is.
  await ensureFolder(
    folder.run,
    root ? 0o2750 : 0o750,
    root ? { uid: owner.uid, gid: groups.edge } : undefined,
  )
  await ensureFolder(folder.egress, 0o711, root ? { uid: groups.worker, gid: groups.worker } : undefined)
  // new files take the folder's group
  await ensureFolder(folder.log, 0o2750, root ? { uid: 0, gid: groups.worker } : undefined)
}

async function fillDatabase(
  ground: SlotGround,
  folder: InstanceFolder,
  identity: Identity,
  niceness: number,
): Promise<void> {
  const half = `${folder.pg}.half`
  await rm(half, { recursive: true, force: true })
  await ensureFolder(half, 0o700, ground.root ? identity : undefined)
  const marker = ground.markerOf(identity.slot)
  await copyAs(ground.root ? identity : undefined, `${ground.template.data}/.`, half, niceness, marker)
  crashPoint('slot.copied')
  const verifier = scramVerifier(databasePassword(ground.passwordKey, identity.slot))
  await ground.runSql(identity.slot, { ...folder, pg: half }, identity, 'template1', [
    setPasswordSql(verifier),
  ])
  crashPoint('slot.password')
  await rename(half, folder.pg)
  await writeWhole(markOf(folder, ground.template), '', { mode: 0o600 })
}

/** Says which template an unused slot was made from. */
function markOf(folder: InstanceFolder, template: Template): string {
  return join(folder.root, `template-${template.fingerprint}`)
}

/** Copies as the user who will own the copy: root changing owners of 1,000 files afterwards takes as long again. */
async function copyAs(
  owner: Owner | undefined,
  from: string,
  to: string,
  niceness: number,
  marker: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn(
    '/bin/sh',
    ['-c', 'umask 077; exec nice -n "$1" cp -r "$2" "$3"', 'sh', String(niceness), from, to],
    {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', ...variable(marker) },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...owner,
    },
  )
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-1000)
  })
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) resolve()
    else reject(new Error(`copying the database template failed: ${complaint}`))
  })
  await promise
}

export async function emptyFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true })
}

function variable(marker: string): Record<string, string> {
  const at = marker.indexOf('=')
  return { [marker.slice(0, at)]: marker.slice(at + 1) }
}
