import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../../kernel/ids.ts'
import type { InstanceSpec } from '../contract/instance.ts'
import { type DriverUnderTest, instanceDriverContract } from '../contract/instance-driver-contract.ts'
import { createSimulatedInstances } from './simulated-instances.ts'

const clock = { now: () => 1_000 }

function spec(environment: Record<string, string> = {}): InstanceSpec {
  return {
    instance: newId('ins'),
    region: 'eu-frankfurt',
    release: '0'.repeat(64),
    start: ['node', 'server.mjs'],
    listen: { socket: 'SOCKET_PATH' },
    database: 'postgres',
    health: '/health',
    environment,
    limits: { memoryMiB: 256, cpus: 1, processes: 64, diskMiB: 512 },
    egress: [],
  }
}

async function makeSimulated(): Promise<DriverUnderTest> {
  const simulated = createSimulatedInstances(clock, {
    sick: ({ environment: { TINY_FAILS: line } }) => (typeof line === 'string' ? line : undefined),
  })
  const bySocket = (socket: string) => simulated.instances.get(socket.split('/')[2] ?? '')
  return {
    driver: simulated,
    healthy: () => spec(),
    sick: (line) => spec({ TINY_FAILS: line }),
    write: async (socket, note) => void bySocket(socket)?.data.push(note),
    read: async (socket) => {
      const notes = [...(bySocket(socket)?.data ?? [])]
      return { notes, file: notes.at(-1) ?? null }
    },
    remains: async (instance) => (simulated.instances.has(instance) ? ['instance'] : []),
    running: async (instance) => simulated.instances.get(instance)?.processes.length ?? 0,
    dispose: async () => {},
  }
}

instanceDriverContract('the simulated twin', makeSimulated)

test('a fault before a call leaves the world as it was, one after it does not', async () => {
  const simulated = createSimulatedInstances(clock)
  const one = spec()
  simulated.faults = { before: ({ nth }) => (nth === 1 ? new Error('planted') : undefined) }
  await assert.rejects(simulated.writer.start(one), /planted/)
  assert.equal(simulated.instances.size, 0)
  simulated.faults = { after: ({ nth }) => (nth === 2 ? new Error('answer lost') : undefined) }
  await assert.rejects(simulated.writer.start(one), /answer lost/)
  assert.equal(simulated.instances.get(one.instance)?.state, 'awake')
})

test('a crashed instance is seen as failed and starts again with its data', async () => {
  const simulated = createSimulatedInstances(clock)
  const one = spec()
  await simulated.writer.start(one)
  simulated.instances.get(one.instance)?.data.push('kept')
  simulated.crash(one.instance)
  assert.equal((await simulated.reader.observe(one.instance))?.state, 'failed')
  await simulated.writer.start(one)
  assert.deepEqual(simulated.instances.get(one.instance)?.data, ['kept'])
})

test('holds ten thousand instances', async () => {
  const simulated = createSimulatedInstances(clock)
  const specs = Array.from({ length: 10_000 }, () => spec())
  await Promise.all(specs.map((one) => simulated.writer.start(one)))
  assert.equal((await simulated.reader.list()).length, 10_000)
})
