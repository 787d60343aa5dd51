import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { clearWorld, fullyUp, processesTouching, startWorld, worldFolder } from '../support/running-world.ts'
import { fetchThroughEdge } from '../support/world-clients.ts'

const nobody = 65534
const isRoot = process.getuid?.() === 0
const checkout = resolve(import.meta.dirname, '../..')
const top = worldFolder(isRoot ? nobody : undefined)
after(() => clearWorld(top))

const customersSchema = z.array(z.object({ url: z.string(), email: z.string(), password: z.string() }))

test('code and data may lie where the path has blanks, quotes and letters of any language', async () => {
  const dataDir = join(top, "x y/ö'z")
  const code = isRoot ? join(top, 'c $d/日') : checkout
  for (const path of [join(dataDir, '..'), ...(isRoot ? [join(code, '..'), code] : [])]) {
    mkdirSync(path, { recursive: true })
    if (isRoot) chownSync(path, nobody, nobody)
  }
  // The checkout as it is, seen at another place; then an ordinary user.
  const script =
    'mount --rbind "$1" "$2"; shift 2; exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"'
  const through = isRoot ? ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', checkout, code] : []
  const world = startWorld(dataDir, { args: ['--demo'], code, through })
  await world.said(fullyUp)
  // What it prints to be copied can be.
  const [, argument = ''] = /--cacert (.*)/.exec(world.output()) ?? []
  const printed = spawnSync('/bin/sh', ['-c', `printf %s ${argument}`], { encoding: 'utf8' }).stdout
  assert.equal(printed, join(dataDir, 'ca.crt'))
  const customers = customersSchema.parse(
    JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8')),
  )
  for (const { url, email, password } of customers) {
    const answer = await fetchThroughEdge(dataDir, `${url}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    assert.equal(answer.status, 200, answer.text)
  }
  assert.equal(await world.end('SIGINT'), 0)
  assert.deepEqual(processesTouching(dataDir), [])
})

test('a data folder that PostgreSQL could not be started from is refused with the remedy', async () => {
  const dataDir = join(top, 'x$y')
  mkdirSync(dataDir)
  if (isRoot) chownSync(dataDir, nobody, nobody)
  const world = startWorld(dataDir, isRoot ? { uid: nobody } : {})
  await world.said(/cannot be used: PostgreSQL.*--data DIR/s)
})
