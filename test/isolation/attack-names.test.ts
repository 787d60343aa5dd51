import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attackInWords } from '../../src/domains/data-security/isolation/names.ts'
import { attemptsIn, mayLack } from '../../src/warden/probes/attempts.ts'

/** Names that are the same in both languages. */
const ALIKE = new Set(['DNS', 'io_uring', 'BPF', 'userfaultfd'])

test('every attack of the warden has a name in Swedish', () => {
  const places = { instances: '/i', passwordKey: '/k', running: '/r', socket: '/s', probeSocket: '/p' }
  const twin = {
    note: '/n',
    folder: '/f',
    socket: '/s',
    databaseSocket: '/d',
    own: '/o',
    names: '/l',
    devices: '/v',
  }
  const planted = {
    ...{ twin, process: { pid: 1, startTime: 1 }, word: 'w', hasNoWayOut: true },
    ...{ port: 1, port6: 2, sharedMemory: 'm' },
  }
  const others = ['the warden', 'the supervisor', "another's application", "another's database"].map(
    (whose) => ({ whose, pid: 2, startTime: 2 }),
  )
  const around = { places, dataDir: '/data', planted, instance: 'ins_a', own: ['/files'], others }
  const names = attemptsIn(around as never).map(({ name }) => name)
  for (const name of [...names, ...mayLack, 'a namespace shared with others (mnt)']) {
    const { en, sv } = attackInWords(name)
    assert.equal(en, name)
    assert.ok(sv !== name || ALIKE.has(name), name)
    assert.doesNotMatch(sv, /\b(another|the|process of)\b/)
  }
  assert.deepEqual(attackInWords('something new'), { en: 'something new', sv: 'something new' })
})
