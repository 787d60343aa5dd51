import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Plane, startPlane } from './testing/plane.ts'
import { type Ran, run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'bpromises-'))
let plane: Plane
before(async () => {
  plane = await startPlane()
})
after(async () => {
  await plane.stop()
  rmSync(folder, { recursive: true, force: true })
})

const borgen = (...args: string[]): Promise<Ran> =>
  run(args, { env: { BORGEN_DATA: plane.dataDir }, cwd: folder })
const overview = (text: string) => {
  const file = join(folder, 'overview.yaml')
  writeFileSync(file, text)
  return file
}

test('34 promises are listed, none is kept without evidence, and the exit code says that it cannot be told', async () => {
  const listed = await borgen('promise', 'list', '--json')
  assert.equal(listed.code, 3)
  const { items } = listed.json()
  assert.equal(items.length, 34)
  for (const one of items)
    assert.deepEqual(
      [one.verdict, one.provedAt, one.reason.en, one.reason.sv],
      ['unknown', null, 'No proof yet.', 'Ännu inte prövat.'],
      one.id,
    )
  const status = await borgen('status', '--json')
  assert.deepEqual([status.code, status.json().promises.length], [3, 34])
})

test('a promise is shown with its sentence, numbers and controls; an unknown one is refused', async () => {
  const shown = await borgen('promise', 'show', 'retention.cancelled')
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /deleted 90 days after the cancellation/)
  assert.match(shown.stdout, /A\.8\.10/)
  assert.equal((await borgen('promise', 'show', 'retention.canceled')).code, 2)
})

test('an overview is checked: what it changes is said, what is wrong is named with its line', async () => {
  const fine = await borgen(
    'overview',
    'check',
    overview('overview: 1\npromises:\n  retention.cancelled: { after: P60D }\n'),
  )
  assert.equal(fine.code, 0, fine.stderr)
  assert.match(fine.stdout, /1 deviation[\s\S]*deleted 60 days after the cancellation/)
  const wrong = await borgen(
    'overview',
    'check',
    overview('overview: 1\npromises:\n  retention.canceled: { after: P60D }\n'),
  )
  assert.equal(wrong.code, 2)
  assert.match(
    wrong.stderr,
    /overview\.yaml:3: promises\.retention\.canceled[\s\S]*Did you mean `retention\.cancelled`\?/,
  )
  const json = await borgen('overview', 'check', overview('overview: 9\n'), '--json')
  assert.deepEqual([json.code, json.json().error.more.problems[0].line], [2, 1])
  assert.equal((await borgen('overview', 'check', join(folder, 'none.yaml'))).code, 2)
})

test('a file that is too long or no text is named as any other problem, also for programs', async () => {
  const cases: [text: string | Buffer, line: number, found: RegExp, expected: RegExp][] = [
    ['#'.repeat(50_000), 1, /50000 bytes/, /at most 40960 bytes/],
    [Buffer.from('overview: 1\nvendor: \xe5\n', 'latin1'), 2, /no UTF-8/, /UTF-8/],
    ['', 1, /nothing/, /overview: 1/],
  ]
  const file = join(folder, 'damaged.yaml')
  for (const [text, line, found, expected] of cases) {
    writeFileSync(file, text)
    for (const command of ['check', 'propose']) {
      const plain = await borgen('overview', command, file)
      assert.equal(plain.code, 2)
      const [place, ...said] = plain.stderr.split('\n')
      assert.ok(place?.startsWith(`${file}:${line}: `), plain.stderr)
      assert.match(said[0] ?? '', found)
      assert.match(said[1] ?? '', expected)
      assert.match(said[2] ?? '', / {2}remedy {4}\S/)
    }
    const json = await borgen('overview', 'check', file, '--json')
    const [problem] = json.json().error.more.problems
    assert.deepEqual([json.code, problem.file, problem.line], [2, file, line])
    assert.ok(problem.found && problem.expected && problem.remedy)
  }
})
