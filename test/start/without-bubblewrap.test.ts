import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { clearWorld, fullyUp, type RunningWorld, startWorld, worldFolder } from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'

const isRoot = process.getuid?.() === 0
const dataDir = worldFolder()
const customersSchema = z.array(z.object({ url: z.string(), email: z.string(), password: z.string() }))
const limit = z.object({ state: z.string(), reason: z.string() })
const instanceSchema = z.object({
  limits: z.object({ seccomp: limit, network: limit, uid: limit }),
})

// In a mount namespace of its own, where nothing called bwrap can be executed, and a file is mounted below /usr.
const hidden = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap'].filter((path) => existsSync(path))
const through = [
  'unshare',
  '--mount',
  '--propagation=private',
  '/bin/sh',
  '-euc',
  `for path in ${hidden.join(' ')}; do mount --bind /dev/null "$path"; done
  mount --bind /etc/hostname /usr/share/common-licenses/GPL-3 2> /dev/null || :
  exec "$@"`,
  'sh',
]

describe('as root without bubblewrap', { skip: !isRoot }, () => {
  let world: RunningWorld
  before(async () => {
    world = startWorld(dataDir, { args: ['--demo', '--no-system-packages'], through })
    await world.said(fullyUp)
  })
  after(async () => {
    if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })

  test('the start says so', () => {
    assert.match(world.output(), /bubblewrap is not installed \(--no-system-packages\)/)
  })

  test('every instance is used through the edge', async () => {
    const customers = customersSchema.parse(
      JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8')),
    )
    assert.ok(customers.length > 0)
    for (const { url, email, password } of customers) {
      const answer = await fetchThroughEdge(dataDir, `${url}/api/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
      assert.equal(answer.status, 200, answer.text)
    }
  })

  test('what holds the instances in is recorded', async () => {
    const listed = await runCli(dataDir, ['instance', 'list', '--json'])
    const { items } = z
      .object({ items: z.array(z.object({ id: z.string() })) })
      .parse(JSON.parse(listed.stdout))
    assert.ok(items.length > 0)
    for (const { id } of items) {
      const shown = await runCli(dataDir, ['instance', 'show', id, '--json'])
      const { limits } = instanceSchema.parse(JSON.parse(shown.stdout))
      assert.deepEqual(
        [limits.seccomp.state, limits.network.state, limits.uid.state],
        existsSync('/usr/bin/perl') ? ['enforced', 'enforced', 'enforced'] : ['absent', 'absent', 'enforced'],
      )
    }
  })
})
