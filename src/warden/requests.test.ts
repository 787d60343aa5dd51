import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { InstanceSpec } from '../drivers/instances/contract/instance.ts'
import { newId } from '../kernel/ids.ts'
import { type ProbeRequest, parseProbe, parseRequest, requestLimitBytes, type Spec } from './requests.ts'
import { createWardenServer, listenAt, workersDoor } from './server.ts'

const token = 'right-token'
const good: InstanceSpec = {
  instance: newId('ins'),
  region: 'eu-frankfurt',
  release: 'a'.repeat(64),
  start: ['node', 'server.mjs'],
  listen: { socket: 'SOCKET_PATH' },
  database: 'postgres',
  health: '/health',
  environment: { COLOUR: 'blue' },
  limits: { memoryMiB: 256, cpus: 1, processes: 64, diskMiB: 512 },
  egress: [],
}

test('a valid request of each kind is taken', () => {
  for (const request of [
    { request: 'start', spec: good },
    { request: 'stop', instance: good.instance },
    { request: 'destroy', instance: good.instance },
  ]) {
    assert.deepEqual(parseRequest(JSON.stringify(request)), { request })
  }
})

const wrongInstances = [
  '../../ledger',
  '/',
  '',
  'ins_',
  `${good.instance}/..`,
  `${good.instance}\0`,
  'acc_x',
  7,
  null,
]
const wrongSpecs: [string, object][] = [
  ['path as release', { release: '../../../etc' }],
  ['upper-case release', { release: 'A'.repeat(64) }],
  ['empty start', { start: [] }],
  ['NUL in start', { start: ['node\0'] }],
  ['too many arguments', { start: Array(65).fill('x') }],
  ['unknown key', { dataDir: '/ledger' }],
  ['unknown database', { database: 'mysql' }],
  ['listens twice', { listen: { socket: 'A', port: 1 } }],
  ['port 0', { listen: { port: 0 } }],
  ['variable with =', { environment: { 'A=B': '1' } }],
  ['variable not text', { environment: { A: 1 } }],
  ['environment of another part', { environment: { A: [{ file: '/etc/passwd' }] } }],
  ['another detail of the database', { environment: { A: [{ database: 'superuser' }] } }],
  ['database at a low port', { databasePort: 80 }],
  ['endless start', { startLimitMs: 86_400_000 }],
  [
    'environment too large in parts',
    { environment: { A: [{ filled: 'x'.repeat(20_000) }, 'x'.repeat(30_000)] } },
  ],
  ['environment too large', { environment: { A: 'x'.repeat(40_000) } }],
  ['health elsewhere', { health: 'http://other/' }],
  ['line break in health', { health: '/a\r\nX: y' }],
  ['no memory', { limits: { ...good.limits, memoryMiB: 0 } }],
  ['endless disk', { limits: { ...good.limits, diskMiB: Number.MAX_VALUE } }],
  ['unknown limit', { limits: { ...good.limits, gpus: 1 } }],
  ['path as egress', { egress: [{ host: '/run/x', port: 1 }] }],
]

test('a request that names anything else is refused', () => {
  for (const instance of wrongInstances) {
    assert.ok('refused' in parseRequest(JSON.stringify({ request: 'stop', instance })), String(instance))
    assert.ok('refused' in parseRequest(JSON.stringify({ request: 'destroy', instance })), String(instance))
  }
  for (const [name, wrong] of wrongSpecs) {
    const refused = parseRequest(JSON.stringify({ request: 'start', spec: { ...good, ...wrong } }))
    assert.ok('refused' in refused, name)
  }
})

test('a refusal repeats nothing of the request', () => {
  const refused = parseRequest(
    JSON.stringify({ request: 'start', spec: { ...good, environment: { A: 1 }, start: ['s3cret', 7] } }),
  )
  assert.ok('refused' in refused && !refused.refused.includes('s3cret'), JSON.stringify(refused))
})

/** Requests near to valid ones: every field right, missing, of another type, or foreign. */
function nearlyRequests(): fc.Arbitrary<unknown> {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(...wrongInstances),
    fc.constant('../../../ledger/tree'),
  )
  const often = <T>(right: T) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(right as unknown) }, { weight: 1, arbitrary: junk })
  const kind = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<unknown>('start', 'stop', 'destroy') },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(
        'read',
        'exec',
        'mount',
        '__proto__',
        'constructor',
        'toString',
        '',
      ),
    },
    { weight: 1, arbitrary: junk },
  )
  const spec = fc.record(
    Object.fromEntries(Object.entries(good).map(([key, value]) => [key, often(value)])),
    { requiredKeys: [] },
  )
  return fc.record(
    {
      request: kind,
      token: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(token) }, { weight: 1, arbitrary: junk }),
      instance: often(good.instance),
      spec: fc.oneof({ weight: 2, arbitrary: fc.constant<unknown>(good) }, { weight: 3, arbitrary: spec }),
      extra: junk,
    },
    { requiredKeys: ['request'] },
  )
}

/** The rule once more, written without the schema. */
function shouldHaveEffect(request: unknown): boolean {
  if (typeof request !== 'object' || request === null) return false
  const { request: kind, token: given, ...rest } = request as Record<string, unknown>
  if (given !== token) return false
  const keys = Object.keys(rest)
  if (keys.length !== 1) return false
  if (kind === 'stop' || kind === 'destroy') return rest.instance === good.instance
  // A spec with another valid value somewhere may pass as well; the callers compare what was carried out with it.
  return kind === 'start' && JSON.stringify(sorted(rest.spec)) === JSON.stringify(sorted(good))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  )
}

test('of thousands of generated requests only a valid start, stop or destroy has an effect', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warden-'))
  const path = join(folder, 'w.sock')
  const effects: string[] = []
  const refusals: string[] = []
  const note = (message: string) => void refusals.push(message)
  const server = createWardenServer(
    workersDoor(
      {
        start: async (spec: Spec) => {
          effects.push(`start ${spec.instance} ${spec.release}`)
          return { state: 'awake', socket: '', stages: {} }
        },
        stop: async (instance) => void effects.push(`stop ${instance}`),
        destroy: async (instance) => void effects.push(`destroy ${instance}`),
      },
      token,
    ),
    { info: note, warn: note, error: note },
  )
  await listenAt(server, path, undefined)
  t.after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  const valid = fc.constantFrom<unknown>(
    { request: 'start', token, spec: good },
    { request: 'stop', token, instance: good.instance },
    { request: 'destroy', token, instance: good.instance },
  )
  let effective = 0
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        {
          weight: 1,
          arbitrary: valid.map((request) => [request, JSON.stringify(request)] as const),
        },
        {
          weight: 8,
          arbitrary: nearlyRequests().map((request) => [request, JSON.stringify(request)] as const),
        },
        { weight: 1, arbitrary: fc.string().map((text) => [undefined, text] as const) },
        {
          weight: 1,
          arbitrary: fc
            .uint8Array()
            .map((bytes) => [undefined, Buffer.from(bytes).toString('latin1')] as const),
        },
      ),
      async ([request, line]) => {
        const [before, refusedBefore] = [effects.length, refusals.length]
        const answer = await exchange(path, line)
        const should = shouldHaveEffect(request)
        const made = effects.slice(before)
        if (should) {
          effective++
          assert.equal(made.length, 1)
          assert.equal((JSON.parse(answer) as { ok: boolean }).ok, true)
          return
        }
        for (const effect of made) {
          // Only another spec in valid form for the one valid instance gets here.
          assert.equal((request as { request: string }).request, 'start')
          assert.ok(effect === `start ${good.instance} ${good.release}`)
          assert.equal((request as { token: string }).token, token)
        }
        if (made.length > 0) return
        assert.equal((JSON.parse(answer) as { ok: boolean }).ok, false)
        assert.ok(refusals.length > refusedBefore, 'a refusal is recorded')
      },
    ),
    { numRuns: 2500 },
  )
  assert.ok(effective > 50, `only ${effective} valid requests were generated`)
  assert.equal(await exchange(path, 'x'.repeat(requestLimitBytes + 1)), '')
})

test('at the door of probes a probe with its own token is taken, and no other word', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warden-'))
  const path = join(folder, 'p.sock')
  const taken: ProbeRequest[] = []
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const carryOut = async (request: ProbeRequest) => {
    taken.push(request)
    return {}
  }
  const server = createWardenServer({ parse: parseProbe, token: 'of the prover', carryOut }, quiet)
  await listenAt(server, path, undefined)
  t.after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  const right = { request: 'probe', token: 'of the prover', kind: 'instance', instance: good.instance }
  const wrong: unknown[] = [
    { ...right, token },
    { ...right, token: undefined },
    { request: 'stop', token: 'of the prover', instance: good.instance },
    { request: 'destroy', token: 'of the prover', instance: good.instance },
    { request: 'start', token: 'of the prover', spec: good },
    { ...right, kind: 'shell' },
    { ...right, kind: 'constructor' },
    { ...right, command: ['/bin/sh'] },
    { ...right, kind: 'inventory' },
    { request: 'probe', token: 'of the prover', kind: 'inventory', store: '../../etc' },
    { request: 'probe', token: 'of the prover', kind: 'inventory', store: 'keyring', path: '/etc' },
    { request: 'probe', token: 'of the prover', kind: 'inventory', store: 'keyring', after: 'a\nb' },
    ...wrongInstances.map((instance) => ({ ...right, instance })),
  ]
  for (const one of wrong) {
    assert.equal((JSON.parse(await exchange(path, JSON.stringify(one))) as { ok: boolean }).ok, false)
    assert.deepEqual(taken, [], JSON.stringify(one))
  }
  assert.deepEqual(JSON.parse(await exchange(path, JSON.stringify(right))), { ok: true, result: {} })
  assert.deepEqual(taken, [right])
  assert.ok(
    'refused' in parseRequest(JSON.stringify({ ...right, token })),
    "and the worker's door takes none",
  )
})

function exchange(path: string, line: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(path)
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  socket.on('error', () => {})
  socket.on('close', () => resolve(said))
  socket.write(`${line.replaceAll('\n', ' ')}\n`)
  return promise
}
