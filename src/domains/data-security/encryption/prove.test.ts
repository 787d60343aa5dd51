import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import type { Resting } from '../../../drivers/disks/contract/disks.ts'
import { judgeDisks } from './prove.ts'

const on = (device: string, encrypted: boolean | null, kind: Resting['on'] = 'disk'): Resting => ({
  folder: `/data/${device}`,
  on: kind,
  device,
  encrypted,
})

const judged = (found: readonly Resting[]) => saidInEachLanguage([judgeDisks(found)])[0]!

test('it is kept when the host encrypts every device', () => {
  const finding = judged([on('/dev/dm-0', true), on('/dev/dm-1', true), on('tmpfs', null, 'memory')])
  assert.deepEqual([finding.state, finding.population?.kept], ['kept', 3])
})

test('one bare device among others breaks it, and is named with the remedy', () => {
  const finding = judged([on('/dev/dm-0', true), on('/dev/sdb1', false)])
  assert.equal(finding.state, 'broken')
  assert.match(finding.reason.en, /\/dev\/sdb1/)
  assert.match(finding.remedy?.en ?? '', /LUKS/)
})

test('what the host does not say is unknown, and so is nothing at all', () => {
  assert.equal(judged([on('/dev/dm-0', true), on('overlay', null, 'unknown')]).state, 'unknown')
  assert.equal(judged([]).state, 'unknown')
})
