import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { identityAt, openPlantedSocket } from './planted-socket.ts'

const asRoot = process.getuid?.() === 0

/** Swaps a name for a link to another socket and back, as fast as it can, until it is killed. */
const swapper = `const { linkSync, renameSync, rmSync, symlinkSync } = require('node:fs')
const [, own, victim, name] = process.argv
for (;;) {
  symlinkSync(victim, name + '.next'); renameSync(name + '.next', name)
  linkSync(own, name + '.next'); renameSync(name + '.next', name)
}`

describe('a socket in a folder that an instance can write to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bplanted-'))
  const run = join(folder, 'run')
  const other = join(folder, 'other')
  const name = join(run, 'app.sock')
  const own = join(run, 'own.sock')
  const victim = join(other, 'server.sock')
  const servers: Server[] = []
  const listen = async (path: string, says: string) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(says))
    servers.push(server)
    await once(server.listen(path), 'listening')
  }

  before(async () => {
    mkdirSync(run)
    mkdirSync(other)
    await listen(own, 'own')
    await listen(victim, 'victim')
  })
  after(() => {
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const heard = async (path: string) => {
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    await once(socket, 'close')
    return text
  }
  const kindOf = (path = name) => {
    const opened = openPlantedSocket(path)
    if (opened.kind === 'socket') opened.close()
    return opened.kind
  }
  const planted = (plant: () => void, kind: string) => {
    plant()
    try {
      assert.equal(kindOf(), kind)
    } finally {
      rmSync(name, { recursive: true, force: true })
    }
  }

  test('its own is connected to, whatever happens to the name meanwhile', async () => {
    linkSync(own, name)
    const opened = openPlantedSocket(name)
    assert.ok(opened.kind === 'socket')
    assert.equal(opened.identity, identityAt(name))
    unlinkSync(name)
    symlinkSync(victim, name)
    assert.equal(await heard(opened.path), 'own')
    opened.close()
    opened.close()
    unlinkSync(name)
  })

  test('nothing there is absent', () => assert.equal(kindOf(), 'absent'))
  test('no folder is absent', () => assert.equal(kindOf(join(folder, 'none', 'app.sock')), 'absent'))
  test('a link is foreign', () => planted(() => symlinkSync(victim, name), 'foreign'))
  test('a link to its own socket is foreign too', () => planted(() => symlinkSync(own, name), 'foreign'))
  test('a dangling link is foreign', () => planted(() => symlinkSync('/nowhere', name), 'foreign'))
  test('a plain file is foreign', () => planted(() => writeFileSync(name, ''), 'foreign'))
  test('a folder is foreign', () => planted(() => mkdirSync(name), 'foreign'))
  test('a pipe is foreign, and does not make anybody wait', () =>
    planted(() => assert.equal(spawnSync('mkfifo', [name]).status, 0), 'foreign'))

  test('a folder that is a link is foreign', () => {
    symlinkSync(other, join(folder, 'linked'))
    assert.equal(kindOf(join(folder, 'linked', 'server.sock')), 'foreign')
  })

  test("another user's socket is foreign", { skip: !asRoot }, () => {
    linkSync(victim, name)
    chownSync(victim, 65_533, 65_533)
    assert.equal(kindOf(), 'foreign')
    chownSync(run, 65_533, 65_533)
    assert.equal(kindOf(), 'socket')
    chownSync(victim, 0, 0)
    assert.equal(kindOf(), 'foreign')
    chownSync(run, 0, 0)
    unlinkSync(name)
  })

  test('what stands at the name later has another identity', () => {
    linkSync(own, name)
    const first = identityAt(name)
    chmodSync(own, 0o700)
    assert.notEqual(identityAt(name), first)
    renameSync(name, `${name}.old`)
    assert.equal(identityAt(name), undefined)
    unlinkSync(`${name}.old`)
  })

  test('swapped as fast as can be, it is its own or none; and no descriptor stays open', async () => {
    linkSync(own, name)
    const child = spawn(process.execPath, ['-e', swapper, own, victim, name], { stdio: 'ignore' })
    const opened = readdirSync('/proc/self/fd').length
    const seen = { socket: 0, foreign: 0, absent: 0 }
    const limit = performance.now() + 10_000
    while ((seen.socket < 300 || seen.foreign < 300) && performance.now() < limit) {
      const socket = openPlantedSocket(name)
      seen[socket.kind]++
      if (socket.kind !== 'socket') continue
      assert.equal(await heard(socket.path), 'own')
      socket.close()
    }
    child.kill('SIGKILL')
    await once(child, 'close')
    assert.ok(seen.socket > 0 && seen.foreign > 0, JSON.stringify(seen))
    assert.ok(readdirSync('/proc/self/fd').length <= opened + 4)
    rmSync(name, { force: true })
  })
})
