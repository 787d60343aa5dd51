import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ProbeResult } from './sql-probes.ts'

/**
 * Kinds of things that some kernels do not have at all; everywhere else a control that reaches nothing is a fault of
 * the probe.
 */
const mayLack = new Set([
  'io_uring',
  'BPF',
  'userfaultfd',
  'the emergency keys of the kernel',
  'characters into a terminal',
  "the host's loopback over IPv6",
])

const asRoot = process.getuid?.() === 0
const skip = asRoot ? false : 'controls need root: they plant their sinks in namespaces of their own'

describe('from inside an instance nothing else can be reached', { skip }, () => {
  if (!asRoot) return
  // In a network namespace of its own, so that whatever is sent to the planted addresses cannot leave the machine.
  const ran = spawnSync(
    'unshare',
    ['--net', '--mount', '--ipc', process.execPath, join(import.meta.dirname, 'run-probes.ts')],
    { encoding: 'utf8', timeout: 120_000 },
  )
  const last = ran.stdout.trim().split('\n').at(-1) ?? ''
  assert.ok(last.startsWith('{'), `the prober failed: ${ran.stderr}${ran.stdout}`)
  const { results, descriptors } = JSON.parse(last) as { results: ProbeResult[]; descriptors: string }

  for (const result of results) {
    test(`${result.from}: ${result.name}`, (t) => {
      assert.equal(result.reached, false, `reached from inside: ${result.detail}`)
      if (!result.controlReached && mayLack.has(result.name)) {
        t.diagnostic(`unknown: the control did not reach it either (${result.control})`)
        return
      }
      assert.ok(
        result.controlReached,
        `the control did not reach it, so the probe proves nothing: ${result.control}`,
      )
    })
  }

  test('the application gets the standard descriptors and what it opened itself, no lock and no pipe of the warden', () => {
    assert.match(descriptors, /^0,1,2(,\d+)*$/)
  })
})
