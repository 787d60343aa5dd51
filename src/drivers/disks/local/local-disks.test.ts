import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLocalDisks } from './local-disks.ts'

const around = mkdtempSync(join(tmpdir(), 'bdisks-'))
after(() => rmSync(around, { recursive: true, force: true }))
const { dev } = statSync(around)
const id = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`

/** A /sys/dev/block with these devices: `uuid` of device-mapper targets, `slaves` by number. */
function roots(devices: Record<string, { uuid?: string; slaves?: string[] }>, type = 'ext4') {
  const root = mkdtempSync(join(around, 'sys-'))
  for (const [number, { uuid, slaves = [] }] of Object.entries(devices)) {
    mkdirSync(join(root, number, 'slaves'), { recursive: true })
    writeFileSync(join(root, number, 'dev'), `${number}\n`)
    if (uuid !== undefined) {
      mkdirSync(join(root, number, 'dm'))
      writeFileSync(join(root, number, 'dm', 'uuid'), `${uuid}\n`)
    }
    for (const slave of slaves) symlinkSync(join(root, slave), join(root, number, 'slaves', slave))
  }
  const mountinfo = join(root, 'mountinfo')
  writeFileSync(mountinfo, `36 35 ${id} / /x rw,noatime shared:1 - ${type} /dev/mapper/data rw\n`)
  return { mountinfo, sysBlock: root }
}

const encryptedBy = async (devices: Record<string, { uuid?: string; slaves?: string[] }>) =>
  (await createLocalDisks(roots(devices)).under([around]))[0]?.encrypted

test('a dm-crypt device is encrypted, and so is what lies on nothing else', async () => {
  assert.equal(await encryptedBy({ [id]: { uuid: 'CRYPT-LUKS2-abc-data' } }), true)
  assert.equal(
    await encryptedBy({ [id]: { uuid: 'LVM-xyz', slaves: ['253:9'] }, '253:9': { uuid: 'CRYPT-LUKS2-abc' } }),
    true,
  )
})

test('a plain device is not, nor is a volume of which one part is plain', async () => {
  assert.equal(await encryptedBy({ [id]: {} }), false)
  assert.equal(
    await encryptedBy({
      [id]: { uuid: 'LVM-xyz', slaves: ['253:9', '8:1'] },
      '253:9': { uuid: 'CRYPT-LUKS2-abc' },
      '8:1': {},
    }),
    false,
  )
})

test('a device that the host does not show is not guessed at; memory is memory; a folder that is not there is left out', async () => {
  assert.equal(await encryptedBy({}), null)
  const [seen] = await createLocalDisks(roots({}, 'tmpfs')).under([around])
  assert.equal(seen?.on, 'memory')
  assert.deepEqual(await createLocalDisks(roots({})).under([join(around, 'nowhere')]), [])
})

test('the machine that this runs on says something', async () => {
  const [seen] = await createLocalDisks().under([around])
  assert.ok(seen && seen.device.length > 0)
})
