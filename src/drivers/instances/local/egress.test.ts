import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  addScript,
  ask,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../../../../test/support/instances.ts'
import type { EgressEvent } from '../contract/egress.ts'
import { createLocalInstanceDriver, type LocalInstanceDriver } from './local-driver.ts'

// Listed and reached under an address of the loopback that programs do not leave out of a proxy by themselves.
const listed = '127.0.0.2'
const unlisted = '127.0.0.3'

const program = `import { createServer } from 'node:http'
createServer(async (request, answer) => {
  const url = new URL(request.url, 'http://x').searchParams.get('url')
  if (!url) return answer.end('{}')
  const reply = await fetch(url).then(async (r) => ({ status: r.status, text: await r.text() }), (e) => ({ error: String(e.cause ?? e) }))
  answer.end(JSON.stringify(reply))
}).listen(process.env.SOCKET_PATH)
`

describe('an instance that may reach one host', () => {
  const events: EgressEvent[] = []
  let driver: LocalInstanceDriver
  let warden: TestWarden
  let release: string
  let dispose: () => Promise<void>
  const target = createServer((_, answer) => answer.end('reached'))
  let port: number

  before(async () => {
    const world = await makeWorld()
    dispose = world.dispose
    warden = await startTestWarden(world.boot, { slots: 0 })
    const recordEgress = (event: EgressEvent) => void events.push(event)
    driver = createLocalInstanceDriver({ dataDir: world.boot.dataDir, recordEgress })
    release = await addScript(world.boot.dataDir, 'server.mjs', program)
    target.listen(0, '0.0.0.0')
    await once(target, 'listening')
    port = (target.address() as AddressInfo).port
  })
  after(async () => {
    target.close()
    await driver.close()
    await warden.close()
    await dispose()
  })

  const through = async (socket: string, url: string) =>
    (await ask(socket, `/?url=${encodeURIComponent(url)}`)).body as {
      status?: number
      text?: string
      error?: string
    }

  test('reaches it through the proxy, and nothing else, and all of it is recorded', async () => {
    const spec = specOf(release, { database: 'none', health: '/', egress: [{ host: listed, port }] })
    const { socket } = await driver.writer.start(spec)
    assert.deepEqual(await through(socket, `http://${listed}:${port}/`), { status: 200, text: 'reached' })
    const refused = await through(socket, `http://${unlisted}:${port}/`)
    assert.notEqual(refused.text, 'reached')
    // A connection is recorded when it ends, with what went through it.
    await driver.writer.stop(spec.instance)
    while (events.length < 2) await delay(10)
    const of = (host: string) => events.find((event) => event.host === host)
    assert.equal(of(listed)?.outcome, 'allowed')
    assert.ok((of(listed)?.receivedBytes ?? 0) > 0)
    assert.deepEqual([of(unlisted)?.outcome, of(unlisted)?.reason], ['refused', 'not listed'])
    await driver.writer.destroy(spec.instance)
  })

  test('without a list there is no proxy and no way out', async () => {
    const before = events.length
    const spec = specOf(release, { database: 'none', health: '/' })
    const { socket } = await driver.writer.start(spec)
    const { error } = await through(socket, `http://${listed}:${port}/`)
    assert.match(error ?? '', /ECONNREFUSED|ENETUNREACH/)
    assert.equal(events.length, before)
    await driver.writer.destroy(spec.instance)
  })
})
