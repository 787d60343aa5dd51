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
  'performance counters',
  'userfaultfd',
  'a socket to the host of a virtual machine (vsock)',
  'the emergency keys of the kernel',
  'characters into a terminal',
  "the host's loopback over IPv6",
])

/** The system's programs, run inside a database's sandbox: with neither bubblewrap nor Landlock nothing keeps them out. */
const programs = ['COPY TO PROGRAM', 'COPY FROM PROGRAM']
/** What only a system call filter keeps out, where nothing can load one: the limits `seccomp` and `network` say so. */
const withoutFilter = [
  ...programs,
  'a socket to the host of a virtual machine (vsock)',
  'a key of the kernel, added',
  'a keyring of the kernel',
  'another personality',
  'io_uring',
  'performance counters',
  'a process of its own, traced',
  'userfaultfd',
  'characters into a terminal',
]
const modes = [
  { mode: 'bubblewrap', flags: [], declaredOpen: [], filter: 'enforced', network: 'enforced' },
  {
    mode: 'unshare',
    flags: ['--without-bubblewrap'],
    declaredOpen: [],
    filter: 'enforced',
    network: 'enforced',
  },
  {
    mode: 'unshare without perl',
    flags: ['--without-bubblewrap', '--without-perl'],
    declaredOpen: withoutFilter,
    filter: 'absent',
    network: 'absent',
  },
] as const

const asRoot = process.getuid?.() === 0
const skip = asRoot ? false : 'controls need root: they plant their sinks in namespaces of their own'

for (const { mode, flags, declaredOpen, filter, network } of modes) {
  describe(`from inside an instance nothing else can be reached (${mode})`, { skip }, () => {
    if (!asRoot) return
    // In a network namespace of its own, so that whatever is sent to the planted addresses cannot leave the machine.
    const ran = spawnSync(
      'unshare',
      ['--net', '--mount', '--ipc', process.execPath, join(import.meta.dirname, 'run-probes.ts'), ...flags],
      { encoding: 'utf8', timeout: 120_000 },
    )
    const last = ran.stdout.trim().split('\n').at(-1) ?? ''
    assert.ok(last.startsWith('{'), `the prober failed: ${ran.stderr}${ran.stdout}`)
    const { results, descriptors, limits } = JSON.parse(last) as {
      results: ProbeResult[]
      descriptors: string
      limits: Record<'seccomp' | 'network', { state: string; reason: string }>
    }

    const open: readonly string[] = /system's programs/.test(limits.seccomp.reason) ? programs : declaredOpen

    for (const result of results) {
      test(`${result.from}: ${result.name}`, (t) => {
        if (open.includes(result.name)) {
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

    test('the limits declare it', () => {
      assert.deepEqual([limits.seccomp.state, limits.network.state], [filter, network])
      if (network === 'absent') assert.match(limits.network.reason, /vsock/)
    })

    test('the application has the standard descriptors and what it opened itself', () => {
      assert.match(descriptors, /^0,1,2(,\d+)*$/)
    })
  })
}
