import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'

// Under addresses of the loopback that programs do not leave out of a proxy by themselves; nothing leaves this machine.
const listed = '127.0.0.2'
const unlisted = '127.0.0.3'

const program = `import { createServer } from 'node:http'
createServer(async (request, answer) => {
  const url = new URL(request.url, 'http://x').searchParams.get('url')
  if (!url) return answer.end('healthy')
  answer.end(await fetch(url).then((reply) => reply.text(), (error) => 'error: ' + String(error.cause ?? error)))
}).listen(process.env.SOCKET_PATH)
`

describe('what an instance may reach, in a whole world', () => {
  const dataDir = worldFolder()
  const app = mkdtempSync(join(tmpdir(), 'bapp-'))
  const target = createServer((_, answer) => answer.end('reached'))
  let world: RunningWorld
  let port: number
  let url: string
  let instance: string

  before(async () => {
    target.listen(0, '0.0.0.0')
    await once(target, 'listening')
    port = (target.address() as AddressInfo).port
    mkdirSync(join(app, 'release'))
    writeFileSync(join(app, 'release', 'server.mjs'), program)
    writeFileSync(
      join(app, 'borgen.app.yaml'),
      `name: fetcher
version: 1.0.0
release: release
start: [node, server.mjs]
listen: { socket: SOCKET_PATH }
database: none
health: /
egress:
  - { host: ${listed}, port: ${port} }
`,
    )
    world = startWorld(dataDir)
    await world.said(fullyUp)
    const added = await runCli(dataDir, ['app', 'add', app, '--json'])
    assert.equal(added.code, 0, added.stderr)
    const made = await runCli(
      dataDir,
      'account sign-up --company Acme --email ann@acme.test --country SE --region eu-frankfurt --json'.split(
        ' ',
      ),
    )
    assert.equal(made.code, 0, made.stderr)
    const parsed = z
      .object({ url: z.string(), instance: z.object({ id: z.string() }) })
      .parse(JSON.parse(made.stdout))
    url = parsed.url
    instance = parsed.instance.id
  })
  after(async () => {
    target.close()
    await world.end('SIGINT')
    clearWorld(dataDir)
    rmSync(app, { recursive: true, force: true })
  })

  const from = async (host: string) =>
    (await fetchThroughEdge(dataDir, `${url}/?url=${encodeURIComponent(`http://${host}:${port}/`)}`)).text

  test('it reaches what its manifest lists and nothing else, and its log says so', async () => {
    assert.equal(await from(listed), 'reached')
    assert.notEqual(await from(unlisted), 'reached')
    await until('both are logged', async () => {
      const { stdout } = await runCli(dataDir, ['log', 'tail', '--subject', instance, '--json'])
      return stdout.includes('egress.refused') && stdout.includes('egress.allowed')
    })
  })

  test('it reaches it again after the worker, which holds its way out, was killed', async () => {
    process.kill(world.pidOf('worker'), 'SIGKILL')
    await until('it reaches it again', async () => (await from(listed)) === 'reached')
    assert.notEqual(await from(unlisted), 'reached')
  })
})
