import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import type { InstanceProbed, Tried } from '../../../drivers/instances/contract/instance-prober.ts'
import { combine, type Finding } from '../../../pledges/verdict.ts'
import { judgeTries } from './judge.ts'
import { singleTenant } from './pledges.ts'
import { judgeFleet } from './prove.ts'
import type { ProbeSummary } from './store.ts'

const parts = singleTenant.parts
const tried = (more: Partial<Tried> = {}): Tried => ({
  ...{ from: 'application', name: 'a file', reached: false, controlReached: true, detail: '' },
  ...more,
})
const probed = (tries: Tried[], more: Partial<InstanceProbed> = {}): InstanceProbed => ({
  ...{ was: 'asleep', uid: 7, hasOwnUser: true, hasNetworkToPlant: true, tries },
  ...more,
})

describe('what the tries show', () => {
  const rest = [tried({ from: 'database' }), tried({ from: 'outside' })]
  const cases: [string, InstanceProbed, string][] = [
    ['all held, each control got through', probed([tried(), ...rest]), 'kept'],
    ['one reached something', probed([tried({ reached: true }), ...rest]), 'broken'],
    [
      'reached, and its control not',
      probed([tried({ reached: true, controlReached: false }), ...rest]),
      'broken',
    ],
    ['a control found nothing', probed([tried({ controlReached: false }), ...rest]), 'unknown'],
    ['a control was not made', probed([tried({ controlReached: null }), ...rest]), 'unknown'],
    ['a try gave no answer', probed([tried({ reached: null }), ...rest]), 'unknown'],
    ['a look was cut off', probed([tried({ detail: 'INCOMPLETE: too many files' }), ...rest]), 'unknown'],
    [
      'what this kernel does not have',
      probed([tried(), tried({ name: 'BPF', controlReached: false }), ...rest]),
      'kept',
    ],
    ['the same user as others', probed([tried(), ...rest], { hasOwnUser: false }), 'broken'],
    ['no network to plant in', probed([tried(), ...rest], { hasNetworkToPlant: false }), 'unknown'],
  ]
  for (const [name, given, state] of cases)
    test(`${name}: ${state}`, () => assert.equal(judgeTries(given).state, state))
})

describe('what fresh looks say of all', () => {
  const look = (instance: string, more: Partial<ProbeSummary> = {}): ProbeSummary => ({
    ...{ instance, state: 'kept', was: 'asleep', uid: Number(instance), probed_at: 1 },
    ...{ application: 'kept', database: 'kept', outside: 'kept', tried: 100 },
    ...more,
  })
  const stateOf = (population: string[], fresh: ProbeSummary[]) =>
    combine(parts, saidInEachLanguage(judgeFleet(population, fresh, [])))
  test('all of them: kept', () => assert.equal(stateOf(['1', '2'], [look('1'), look('2')]).state, 'kept'))
  test('none is there: unexercised', () => assert.equal(stateOf([], []).state, 'unexercised'))
  test('one was not looked into lately: unknown, and it is counted', () => {
    const verdict = stateOf(['1', '2'], [look('1')])
    assert.equal(verdict.state, 'unknown')
    assert.deepEqual(verdict.population, {
      all: 2,
      examined: 1,
      kept: 1,
      of: { en: 'instances', sv: 'instanser' },
    })
  })
  test('two have one user: broken', () =>
    assert.equal(stateOf(['1', '2'], [look('1', { uid: 5 }), look('2', { uid: 5 })]).state, 'broken'))
  test('an application without a database has none to attack from', () =>
    assert.equal(stateOf(['1', '2'], [look('1', { database: null }), look('2')]).state, 'kept'))
  test('10,000 are judged in a moment', () => {
    const ids = Array.from({ length: 10_000 }, (_, at) => String(at))
    assert.equal(
      stateOf(
        ids,
        ids.map((id) => look(id)),
      ).state,
      'kept',
    )
  })
})

const asRoot = process.getuid?.() === 0
const skip = asRoot ? false : 'an ordinary user has no users to give to instances'
const program = join(import.meta.dirname, '../../../../test/isolation/run-proof.ts')

for (const flags of [[], ['--without-bubblewrap']]) {
  describe(`attacks from inside real instances ${flags.join('')}`, { skip }, () => {
    if (!asRoot) return
    const ran = spawnSync('unshare', ['--net', '--ipc', process.execPath, program, ...flags], {
      ...{ encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
    })
    const last = ran.stdout.trim().split('\n').at(-1) ?? ''
    assert.ok(last.startsWith('{'), `it failed: ${ran.stderr}${ran.stdout}`)
    const { worlds, facts } = JSON.parse(last) as {
      worlds: Record<string, Finding[]>
      facts: { touched: string[]; left: string[] }
    }
    test('what is said is said in each language', () => {
      for (const found of Object.values(worlds)) saidInEachLanguage(found)
    })
    const said = (world: string) => JSON.stringify(worlds[world], undefined, 1)

    test('no instance: unexercised', () => {
      assert.equal(combine(parts, worlds['without any instance']!).state, 'unexercised')
    })
    for (const world of ['whole, awake', 'whole, one asleep'])
      test(`${world}: kept`, () => {
        const verdict = combine(parts, worlds[world]!)
        assert.equal(verdict.state, 'kept', said(world))
        assert.deepEqual(verdict.population, {
          all: 2,
          examined: 2,
          kept: 2,
          of: { en: 'instances', sv: 'instanser' },
        })
      })
    test('a sleeping one stays asleep, and nothing of it is touched', () => {
      assert.deepEqual(facts, { touched: [], left: [] })
    })
    const all = Object.entries({
      "another's file": 'application',
      "another's files, now its own user's": 'application',
      "a copy of another's database, now its own user's": 'application',
      "another's database": 'application',
      "another's name": 'application',
      'an open folder': 'own',
    })
    const broken = all
      .slice(0, flags.length > 0 ? 1 : undefined)
      .flatMap(([what, part]) => ['asleep', 'awake'].map((state) => [`${what}, ${state}`, part] as const))
    for (const [world, part] of broken)
      test(`${world}: broken, and kept again when it is mended`, () => {
        assert.equal(worlds[world]?.find((one) => one.part === part)?.state, 'broken', said(world))
        assert.equal(combine(parts, worlds[world]!).state, 'broken')
        const mended = `${world}, mended`
        assert.equal(combine(parts, worlds[mended]!).state, 'kept', said(mended))
      })
    test('one that nobody can look into: unknown', () => {
      assert.equal(combine(parts, worlds['one that nobody can look into']!).state, 'unknown')
    })
    test('without what a control looks for: unknown, never kept', () => {
      const world = 'without what a control looks for'
      assert.equal(combine(parts, worlds[world]!).state, 'unknown', said(world))
    })
  })
}
