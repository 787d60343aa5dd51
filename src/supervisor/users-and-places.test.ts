import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { layout, socketPathLimitBytes } from '../kernel/layout.ts'
import { foldersOf, makeFolders } from './folders.ts'
import { processes } from './processes.ts'
import { shortDataDir } from './short-path.ts'
import { becomeOnlySupervisor } from './single-supervisor.ts'
import { candidateBases, chooseUids, instanceUidCount, sharedUids, uidsFrom } from './uid-block.ts'

const folder = mkdtempSync(join(tmpdir(), 'borgen-places-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const isRoot = process.getuid?.() === 0
const own = sharedUids(process.getuid?.() ?? 0, process.getgid?.() ?? 0)

test('no two users of a block are the same, and none is an ordinary one', () => {
  fc.assert(
    fc.property(fc.uuid(), (worldId) => {
      for (const base of candidateBases(worldId)) {
        const uids = uidsFrom(base)
        const { database, ledger, server, worker, prover, edge, instancesFrom, plane } = uids
        const all = [plane, database, ledger, server, worker, prover, edge, instancesFrom]
        assert.equal(new Set(all).size, all.length)
        assert.ok(all.every((uid) => uid >= 20_000 && uid + instanceUidCount(uids) < 2 ** 31))
      }
    }),
  )
})

test('root gets a block that works here; it is the same for the same world', { skip: !isRoot }, () => {
  const uids = chooseUids('some-world', folder)
  assert.ok(uids?.distinct)
  assert.deepEqual(chooseUids('some-world', folder), uids)
})

test('folders get their owners and modes, and again after somebody changed them', () => {
  const dataDir = join(folder, 'data')
  const uids = isRoot ? uidsFrom(1_900_000_000) : own
  makeFolders(dataDir, uids)
  if (isRoot) spawnSync('chmod', ['-R', '777', dataDir])
  makeFolders(dataDir, uids)
  for (const { path, uid, gid, mode } of foldersOf(dataDir, uids)) {
    const found = statSync(path)
    assert.deepEqual([path, found.uid, found.gid, found.mode & 0o7777], [path, uid, gid, mode])
  }
})

test('where users are distinct, nobody but root can write among what others own', () => {
  const uids = uidsFrom(1_900_000_000)
  for (const { path, uid, gid, mode } of foldersOf('/d', uids)) {
    assert.equal(mode & 0o022, 0, path)
    // What people attached to what they signed is read by the prover, and by nobody else.
    if (path === layout.evidence('/d')) {
      assert.deepEqual([uid, gid, mode & 0o007], [uids.server, uids.prover, 0])
      continue
    }
    if (uid !== 0 && !path.includes('/run/') && path !== layout.releases('/d'))
      assert.equal(mode & 0o077, 0, path)
  }
})

test('a file where a folder should be is not followed', () => {
  const dataDir = join(folder, 'trapped')
  mkdirSync(dataDir)
  symlinkSync('/etc', layout.keys(dataDir))
  assert.throws(() => makeFolders(dataDir, own), /is not a folder/)
})

test('a long data folder is reached by a short private link', () => {
  assert.equal(shortDataDir('/data'), '/data')
  const long = join(folder, 'x'.repeat(90))
  mkdirSync(long)
  const link = shortDataDir(long)
  assert.equal(shortDataDir(long), link)
  assert.equal(statSync(link).ino, statSync(long).ino)
  assert.equal(lstatSync(join(link, '..')).mode & 0o777, 0o700)
  assert.ok(Buffer.byteLength(layout.instanceSocket(link, `ins_${'0'.repeat(26)}`)) <= socketPathLimitBytes)
  rmSync(link)
})

test('one supervisor for a data folder, and the second is told who the first is', () => {
  const dataDir = join(folder, 'locked')
  mkdirSync(dataDir)
  becomeOnlySupervisor(dataDir)
  const module = new URL('single-supervisor.ts', import.meta.url).href
  const program = `(await import(${JSON.stringify(module)})).becomeOnlySupervisor(${JSON.stringify(dataDir)})`
  const second = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const refused = second()
  assert.notEqual(refused.status, 0)
  assert.match(refused.stderr, new RegExp(`already runs on .*process ${process.pid}`))
})

test('each process needs only processes that start before it', () => {
  const seen: string[] = []
  for (const { name, needs } of processes) {
    assert.deepEqual(
      needs.filter((one) => !seen.includes(one)),
      [],
    )
    seen.push(name)
  }
})
