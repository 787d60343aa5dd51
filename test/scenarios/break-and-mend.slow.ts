import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { type LocalApi, openLocalApi } from '../../src/demo/local-api.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { runCli } from '../support/world-clients.ts'

const isRoot = process.getuid?.() === 0
const demoSchema = z.object({
  broken: z.array(z.string()),
  breakable: z.array(z.object({ what: z.string(), promise: z.string() })),
})
const promisesSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      verdict: z.enum(['kept', 'broken', 'unknown', 'unexercised']),
      reason: z.object({ en: z.string(), sv: z.string() }),
      provedAt: z.number().nullable(),
    }),
  ),
})

describe('a green that can turn red', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let api: LocalApi
  let breakable: { what: string; promise: string }[] = []
  let stopped: number | undefined

  const up = async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
    api = openLocalApi(dataDir)
  }
  before(up)
  after(async () => {
    if (stopped) process.kill(stopped, 'SIGCONT')
    if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })

  const promises = async () => (await api.get('/v1/promises', promisesSchema)).items
  const demo = () => api.get('/v1/demo', demoSchema)
  /** Waits at most a minute, or the time given, for each of these promises to have this verdict. */
  const untilAll = (ids: readonly string[], verdict: string, withinMs = 60_000) => {
    let last = ''
    return until(
      `${ids.join(', ')} ${verdict}`,
      async () => {
        const found = (await promises()).filter((one) => ids.includes(one.id))
        last = found.map((one) => `${one.id} is ${one.verdict}: ${one.reason.en}`).join('\n')
        return found.every((one) => one.verdict === verdict)
      },
      withinMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${last}`)
    })
  }
  const borgen = async (...args: string[]) => {
    const { code, stderr, stdout } = await runCli(dataDir, args)
    assert.equal(code, 0, stderr)
    return stdout
  }

  test('what can be broken is kept to begin with', async () => {
    breakable = (await demo()).breakable
    assert.deepEqual(breakable.map(({ what }) => what).sort(), ['isolation', 'location', 'log', 'tls'])
    // An ordinary user's world has less to lose; there TLS alone is looked at.
    if (!isRoot) breakable = breakable.filter(({ what }) => what === 'tls')
    await untilAll(
      breakable.map((one) => one.promise),
      'kept',
      150_000,
    )
  })

  test('broken on purpose, each is red within a minute; and again does no harm', async () => {
    for (const { what } of breakable) assert.match(await borgen('demo', 'break', what), /Broke/)
    await borgen('demo', 'break', 'tls')
    await untilAll(
      breakable.map((one) => one.promise),
      'broken',
    )
    assert.deepEqual((await demo()).broken.sort(), breakable.map((one) => one.what).sort())
  })

  test('over a restart it stays broken, and the start says so', async () => {
    assert.equal(await world.end('SIGINT'), 0)
    await up()
    for (const { what } of breakable)
      assert.match(world.output(), new RegExp(`${what} is broken on purpose: .*borgen demo mend ${what}`))
    await untilAll(
      breakable.map((one) => one.promise),
      'broken',
    )
  })

  test('mended, each is green again within a minute', async () => {
    for (const { what } of breakable) assert.match(await borgen('demo', 'mend', what), /Mended/)
    await borgen('demo', 'mend', 'tls')
    await untilAll(
      breakable.map((one) => one.promise),
      'kept',
    )
    assert.deepEqual((await demo()).broken, [])
  })

  test('without a prover nothing stays green, nor red: all is grey once its evidence is too old', async () => {
    stopped = world.pidOf('prover')
    process.kill(stopped, 'SIGSTOP')
    // Those that are looked at every thirty seconds are grey after a minute; for the others the clock is turned.
    const isGrey = async () =>
      (await promises()).some((one) => one.id === 'transport.tls' && one.verdict === 'unknown')
    await until('grey after a minute', isGrey, 90_000)
    const advanced = z
      .object({ problem: z.null() })
      .parse(JSON.parse(await borgen('demo', 'advance', 'P3D', '--json')))
    assert.equal(advanced.problem, null)
    const coloured = (await promises()).filter((one) => one.verdict !== 'unknown')
    assert.deepEqual(
      coloured.map((one) => `${one.id} ${one.verdict}`),
      [],
    )
  })

  test('and with it again the colours come back, in the time that the clock was turned to', async () => {
    process.kill(stopped!, 'SIGCONT')
    stopped = undefined
    await untilAll(
      breakable.map((one) => one.promise),
      'kept',
    )
    const [one] = (await promises()).filter(({ id }) => id === 'transport.tls')
    const machine = performance.timeOrigin + performance.now()
    assert.ok(one!.provedAt! - machine > 2.9 * 86_400_000, 'proved in three days from now')
  })
})
