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

/**
 * What is open without bubblewrap: what only a system call filter keeps out (the limit `seccomp` is declared `absent`),
 * and running the system's programs from a database, inside its own sandbox.
 */
const declaredOpen = new Set([
  'a key of the kernel, added',
  'another personality',
  'io_uring',
  'userfaultfd',
  'characters into a terminal',
  'COPY TO PROGRAM',
  'COPY FROM PROGRAM',
])

const asRoot = process.getuid?.() === 0
const skip = asRoot ? false : 'controls need root: they plant their sinks in namespaces of their own'

for (const mode of ['bubblewrap', 'unshare'] as const) {
  describe(`from inside an instance nothing else can be reached (${mode})`, { skip }, () => {
    if (!asRoot) return
    const flags = mode === 'unshare' ? ['--without-bubblewrap'] : []
    // In a network namespace of its own, so that whatever is sent to the planted addresses cannot leave the machine.
    const ran = spawnSync(
      'unshare',
      ['--net', '--mount', '--ipc', process.execPath, join(import.meta.dirname, 'run-probes.ts'), ...flags],
      { encoding: 'utf8', timeout: 120_000 },
    )
    const last = ran.stdout.trim().split('\n').at(-1) ?? ''
    assert.ok(last.startsWith('{'), `the prober failed: ${ran.stderr}${ran.stdout}`)
    const { results, descriptors } = JSON.parse(last) as { results: ProbeResult[]; descriptors: string }

    for (const result of results) {
      test(`${result.from}: ${result.name}`, (t) => {
        if (mode === 'unshare' && declaredOpen.has(result.name)) {
          t.diagnostic(`declared (${result.reached ? 'reached' : 'blocked'})`)
          return
        }
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

    test('the application has the standard descriptors and what it opened itself', () => {
      assert.match(descriptors, /^0,1,2(,\d+)*$/)
    })
  })
}
