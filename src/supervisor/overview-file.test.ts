import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { AppError } from '../kernel/errors.ts'
import type { YamlProblem } from '../kernel/yaml.ts'
import { requireGoodOverview } from './overview-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'boverview-'))
after(() => rmSync(folder, { recursive: true }))
const codeDir = dirname(dirname(import.meta.dirname))

test('before anything starts, each damage of the overview is named with file, line, found, expected and remedy', async () => {
  const file = join(folder, 'overview.yaml')
  const damages: [content: string | Buffer, line: number][] = [
    ['#'.repeat(50_000), 1],
    ['#'.repeat(5_000_000), 1],
    [Buffer.from('overview: 1\nvendor: \xe5\n', 'latin1'), 2],
    ['', 1],
    ['overview: 1\npromises:\n  isolation.single-tenant:\n    every: P7D\n', 4],
    ['overview: 1\n---\noverview: 1\n', 2],
  ]
  for (const [content, line] of damages) {
    writeFileSync(file, content)
    await refused(file, line)
  }
  const inner = join(folder, 'inner')
  mkdirSync(inner)
  await refused(inner, 1)
  writeFileSync(file, 'overview: 1\n')
  await requireGoodOverview(codeDir, file, true)
  await requireGoodOverview(codeDir, join(folder, 'none'), false)
})

async function refused(file: string, line: number): Promise<void> {
  await assert.rejects(requireGoodOverview(codeDir, file, true), (error) => {
    assert.ok(error instanceof AppError && error.code === 'bad_request')
    const [problem] = (error.detail as { problems: YamlProblem[] }).problems
    assert.deepEqual([problem?.file, problem?.line], [file, line])
    assert.ok(problem!.found && problem!.expected && problem!.remedy)
    assert.ok(error.message.startsWith(`${file}:${line}: `))
    assert.match(error.remedy ?? '', /Nothing was started/)
    return true
  })
}
