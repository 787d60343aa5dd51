import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { waitUntilHealthy } from './health.ts'

const folder = mkdtempSync(join(tmpdir(), 'borgen-health-'))
const socket = join(folder, 'app.sock')
const server = createServer((_, answer) => answer.end('well'))
const edgeGid = 54321

before(() => new Promise<void>((listening) => server.listen(socket, listening)))
after(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (gid?: number) => waitUntilHealthy(socket, '/', 1500, new Promise(() => {}), gid)

test('an instance that answers us but lets the edge not connect is not healthy', async () => {
  chmodSync(folder, 0o711)
  chmodSync(socket, 0o755)
  assert.match((await ask(edgeGid)) ?? '', /let nobody else connect: its socket has mode 755/)
  chmodSync(socket, 0o777)
  assert.equal(await ask(edgeGid), undefined)
  chmodSync(folder, 0o700)
  assert.match((await ask(edgeGid)) ?? '', /the folder of its socket has mode 700/)
})

test('where all share one user, what answers us is healthy', async () => {
  chmodSync(folder, 0o700)
  chmodSync(socket, 0o700)
  assert.equal(await ask(), undefined)
})

test("the group's own rights count where the group is the edge's", async () => {
  chmodSync(folder, 0o711)
  chmodSync(socket, 0o707)
  const own = process.getgid?.() ?? 0
  assert.match((await ask(own)) ?? '', /mode 707/)
  chmodSync(socket, 0o770)
  chmodSync(folder, 0o710)
  assert.equal(await ask(own), undefined)
})
