import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeRules } from './house/code-rules.ts'
import { importRules, TABLE } from './house/import-rules.ts'
import { isTest, readTree, treeOf } from './house/source-tree.ts'

const tree = readTree()

for (const rule of [...importRules, ...codeRules])
  describe(rule.name, () => {
    test('holds', () => {
      const found = rule.check(tree).map((one) => `${one.path}:${one.line}  ${one.found}`)
      assert.deepEqual(found, [], `${rule.reason}.\n  ${found.join('\n  ')}\n`)
    })

    test('is broken by what breaks it, and by nothing that comes close', () => {
      for (const files of rule.planted) {
        const found = rule.check(treeOf(files)).map((one) => one.path)
        assert.ok(
          Object.keys(files).some((path) => found.includes(path)),
          `not caught: ${JSON.stringify(files)}`,
        )
      }
      for (const files of rule.fine) assert.deepEqual(rule.check(treeOf(files)), [])
    })
  })

test('every row of the table says why', () => {
  for (const [part, row] of Object.entries(TABLE)) assert.ok(row.because.length > 20, part)
})

test('files are short', (context) => {
  const lengths = [...tree.values()].filter((file) => !isTest(file.path)).map((file) => file.lines)
  const median = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)]!
  context.diagnostic(`${lengths.length} files, median ${median} lines (aim: 150), longest ${lengths.at(-1)}`)
  assert.ok(median <= 150, `median ${median}`)
})
