import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { layout } from '../../src/kernel/layout.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'

/** Puts a link in place of its own socket for a while, once or as fast as it can, and writes what grows in the log. */
const program = `import { randomUUID } from 'node:crypto'
import { linkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
const path = process.env.SOCKET_PATH
const own = path + '.own', next = path + '.next'
const me = randomUUID()
let swapping = false
const plant = (to) => { rmSync(next, { force: true }); symlinkSync(to, next); renameSync(next, path) }
const back = () => { rmSync(next, { force: true }); linkSync(own, next); renameSync(next, path) }
createServer((request, answer) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x')
  const to = searchParams.get('to'), until = Date.now() + Number(searchParams.get('ms'))
  if (pathname === '/plant') { plant(to); setTimeout(back, Number(searchParams.get('ms'))) }
  if (pathname === '/swap') {
    const swap = () => {
      for (let times = 0; times < 50; times++) { plant(to); back() }
      swapping = Date.now() < until
      if (swapping) setImmediate(swap)
    }
    setImmediate(swap)
  }
  if (pathname === '/write') {
    console.log('\\u0001'.repeat(12000))
    console.log('{"a":[' + Array(3200).fill('1e20').join() + ']}')
    console.log('written after')
  }
  answer.setHeader('x-swapping', String(swapping))
  answer.setHeader('connection', searchParams.get('keep') ? 'keep-alive' : 'close')
  answer.end('app ' + me)
}).listen(path, () => linkSync(path, own))
`

const madeSchema = z.object({ url: z.string(), instance: z.object({ id: z.string() }) })

describe('what an instance plants where processes of ours look, in a whole world', () => {
  const dataDir = worldFolder()
  const app = mkdtempSync(join(tmpdir(), 'bapp-'))
  const made: { url: string; id: string; socket: string }[] = []
  let world: RunningWorld

  before(async () => {
    mkdirSync(join(app, 'release'))
    writeFileSync(join(app, 'release', 'server.mjs'), program)
    writeFileSync(
      join(app, 'borgen.app.yaml'),
      `name: planter
version: 1.0.0
release: release
start: [node, server.mjs]
listen: { socket: SOCKET_PATH }
database: none
health: /
`,
    )
    world = startWorld(dataDir)
    await world.said(fullyUp)
    const added = await runCli(dataDir, ['app', 'add', app, '--json'])
    assert.equal(added.code, 0, added.stderr)
    for (const company of ['Hostile', 'Innocent']) {
      const signUp = `account sign-up --company ${company} --email ann@acme.test --country SE --region eu-frankfurt --json`
      const { code, stdout, stderr } = await runCli(dataDir, signUp.split(' '))
      assert.equal(code, 0, stderr)
      const { url, instance } = madeSchema.parse(JSON.parse(stdout))
      await fetchThroughEdge(dataDir, url)
      const observed = join(layout.run(dataDir, 'warden'), 'observed', `${instance.id}.json`)
      const { socket } = z.object({ socket: z.string() }).parse(JSON.parse(readFileSync(observed, 'utf8')))
      made.push({ url, id: instance.id, socket })
    }
  })
  after(async () => {
    await world.end('SIGINT')
    clearWorld(dataDir)
    rmSync(app, { recursive: true, force: true })
  })

  const get = (path: string, at = 0) => fetchThroughEdge(dataDir, made[at]!.url + path)
  /** The folder of data by the name that the world's own processes have for it. */
  const inside = () => made[0]!.socket.slice(0, made[0]!.socket.indexOf('/instances/'))

  const targets = {
    "the server's socket": () => layout.serverSocket(inside()),
    "the ledger's socket": () => layout.ledgerSocket(inside()),
    "another instance's socket": () => made[1]!.socket,
  }
  for (const [name, target] of Object.entries(targets))
    test(`a link to ${name} in place of its own leads the edge nowhere`, async () => {
      const own = (await get('/')).text
      assert.match(own, /^app /)
      const to = encodeURIComponent(target())
      assert.equal((await get(`/plant?ms=2000&to=${to}`)).text, own)
      let refused = 0
      // The control: its own socket answers before and after.
      await until('its own socket answers again', async () => {
        const { status, text } = await get('/v1/status')
        if (status === 503) refused += 1
        else assert.equal(text, own, 'something else answered under its name')
        return refused > 0 && status === 200
      })
      assert.equal((await get(`/swap?ms=2000&to=${to}`)).text, own)
      for (let times = 0; times < 150; times++) {
        const { status, text } = await get('/v1/status')
        if (status !== 503) assert.equal(text, own, 'something else answered under its name')
      }
      await until('it has stopped', async () => (await get('/')).headers['x-swapping'] === 'false')
    })

  test('a connection that was kept does not outlive the sleep of its instance', async () => {
    const own = (await get('/?keep=1')).text
    assert.equal((await runCli(dataDir, ['instance', 'sleep', made[0]!.id])).code, 0)
    const woken = (await get('/?keep=1')).text
    assert.match(woken, /^app /)
    assert.notEqual(woken, own)
  })

  test('a line that grows in the log stops the output of nobody', async () => {
    const written = async (at: number) => {
      const { stdout } = await runCli(dataDir, ['log', 'tail', '--subject', made[at]!.id, '--json'])
      return stdout.includes('written after')
    }
    await get('/write')
    await until('its own output goes on', () => written(0))
    await get('/write', 1)
    await until("another's output goes on", () => written(1))
  })
})
