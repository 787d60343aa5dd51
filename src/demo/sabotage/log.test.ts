import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startTestLog } from '../../../test/support/log.ts'
import { checkPublished } from '../../domains/operational-security/logs/published-tree.ts'
import { systemClock } from '../../kernel/clock.ts'
import { logSabotage } from './log.ts'
import type { SabotagedWorld } from './sabotage.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'bsab-'))
after(() => rmSync(dataDir, { recursive: true }))
const uids = { database: 1, ledger: 1, server: 1, worker: 1, prover: 1, edge: 1, warden: 1, witness: 1 }
const config = { worldId: 'w', demo: true, planeDomain: 'a.test', appsDomain: 'b.test' }
const world: SabotagedWorld = {
  dataDir,
  codeDir: '/',
  nodePath: '/',
  config: { ...config, httpsPort: 1, httpPort: 1, bindAddress: '127.0.0.1' },
  uids: { distinct: false, plane: 1, instancesFrom: 1, ...uids },
  secret: () => '',
  nowMs: () => systemClock.now(),
}

test('an entry is rewritten on the disk, the log goes on, and mending leaves nothing behind', async () => {
  for (const size of [20, 300]) {
    const log = await startTestLog()
    const ledger = join(dataDir, 'ledger')
    symlinkSync(log.folder, ledger)
    let keys = 0
    const append = async (count: number) => {
      const entry = { stream: 'event', subject: 'plane', region: 'plane', type: 'a.b', event: {} } as const
      await log.client.append(Array.from({ length: count }, () => ({ ...entry, key: `k${keys++}` })))
      log.publish()
    }
    const damage = async () => {
      const health = await log.client.health()
      const head = { size: health.size, root: Buffer.from(health.root, 'hex') }
      const published = await checkPublished((path) => log.client.published(path), head, [0])
      const altered = await log.client.altered()
      return published?.what.en ?? altered[0]?.path
    }
    try {
      assert.equal(await logSabotage.broken(world), false)
      await append(size)
      await logSabotage.mend(world)
      for (const goesOn of [false, true]) {
        await logSabotage.break(world)
        await logSabotage.break(world)
        assert.equal(await logSabotage.broken(world), true)
        assert.match((await damage()) ?? '', /is not the one that was committed/)
        if (goesOn) await append(3)
        assert.ok(await damage(), 'also after the log has gone on and written its own file again')
        assert.equal(await logSabotage.broken(world), true)
        await logSabotage.mend(world)
        await logSabotage.mend(world)
        assert.equal(await logSabotage.broken(world), false)
        assert.equal(await damage(), undefined)
        await append(1)
        assert.equal(await damage(), undefined)
        assert.match(await log.client.fsck(), /"step":"done".*"findings":0/)
      }
      const left = join(log.folder, 'altered')
      assert.ok(!existsSync(left) || readdirSync(left).length === 0)
    } finally {
      rmSync(ledger)
      await log.stop()
    }
  }
})
