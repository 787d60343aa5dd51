/*
 * Run by stores.test.ts as one of the plane's users, on the warden's real socket: sends requests of which none is a valid
 * start, stop or destroy, and writes, as JSON, how many were refused; or that it could not even connect.
 */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { z } from 'zod'

const given = z
  .object({
    socketPath: z.string(),
    token: z.string(),
    /** One that runs, whose name must not be enough. */
    instance: z.string(),
    release: z.string(),
    runs: z.number(),
    seed: z.number(),
    /** Valid requests, sent as they are at the end. */
    valid: z.array(z.unknown()),
  })
  .parse(JSON.parse(await text(process.stdin)))
const { token, instance } = given

type Said = { error: string } | { text: string }

function send(line: string): Promise<Said> {
  const { promise, resolve } = Promise.withResolvers<Said>()
  const socket = connect(given.socketPath)
  let said = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  // Closed unread by the other side counts as refused: it is what is too long for a request.
  socket.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? 'unknown' }))
  socket.on('close', () => resolve({ text: said }))
  socket.write(`${line}\n`)
  return promise
}

const spec = {
  ...{ instance, region: 'eu-frankfurt', release: given.release, start: ['node', 'server.js'] },
  ...{ listen: { socket: 'SOCKET_PATH' }, database: 'none', health: '/healthz', environment: {}, egress: [] },
  limits: { memoryMiB: 256, cpus: 1, processes: 64, diskMiB: 512 },
}
const traversals = [
  ...[
    '../../ledger',
    '../ledger/tree',
    '/run/borgen/data/ledger',
    `${instance}/..`,
    `${instance}/../../ledger`,
    `../${instance}`,
  ],
  ...[
    `${instance}\0`,
    `${instance}\n`,
    ` ${instance}`,
    `${instance} `,
    instance.toUpperCase(),
    '',
    '.',
    '..',
    'ins_',
    'plane',
  ],
  ...[
    instance.slice(0, -1),
    `${instance}0`,
    instance.replace('ins', 'acc'),
    '%2e%2e/ledger',
    'ins_../../../../../../ledger/tree',
  ],
]
const path = fc.constantFrom(
  '../../../etc',
  '/etc',
  '../../ledger',
  '..',
  `${'a'.repeat(63)}/`,
  'A'.repeat(64),
  'a'.repeat(63),
)
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).filter((value) => typeof value !== 'string' || !value.startsWith('ins_')),
  fc.constantFrom(...traversals),
)
const wrongSpec = fc.oneof(
  fc.constantFrom(...traversals).map((wrong) => ({ ...spec, instance: wrong })),
  path.map((wrong) => ({ ...spec, release: wrong })),
  fc
    .constantFrom('dataDir', 'mounts', 'uid', 'files', 'bind', 'path', 'sandbox')
    .chain((name) => junk.map((value) => ({ ...spec, [name]: value }))),
  fc
    .constantFrom(...Object.keys(spec))
    .map((name) => Object.fromEntries(Object.entries(spec).filter(([one]) => one !== name))),
  fc
    .constantFrom('region', 'database', 'health', 'listen', 'limits', 'egress', 'environment', 'start')
    .chain((name) =>
      fc
        .constantFrom<unknown>(7, null, '../x', [], [[]], { x: 1 }, true, '/run/borgen/data/ledger')
        .map((value) => {
          const isRight =
            (name === 'egress' && Array.isArray(value) && value.length === 0) ||
            (name === 'health' && `${value}`.startsWith('/'))
          return { ...spec, [name]: isRight ? 7 : name === 'environment' ? { '../A': value } : value }
        }),
    ),
)
/** Each is wrong in at least one way, and as near to a right one as can be. */
const wrong = fc.oneof(
  fc
    .constantFrom(...traversals)
    .chain((name) =>
      fc.constantFrom('stop', 'destroy').map((kind) => ({ request: kind, token, instance: name })),
    ),
  wrongSpec.map((one) => ({ request: 'start', token, spec: one })),
  fc
    .oneof(
      fc.constantFrom<unknown>(
        'read',
        'write',
        'exec',
        'mount',
        'chown',
        'list',
        'remove',
        'START',
        'stop ',
        '__proto__',
        'constructor',
        'toString',
        'probe',
        '',
      ),
      fc.jsonValue({ maxDepth: 1 }),
    )
    .filter((kind) => typeof kind !== 'string' || !['start', 'stop', 'destroy'].includes(kind))
    .chain((kind) => fc.constantFrom({ request: kind, token, instance }, { request: kind, token, spec })),
  fc.constantFrom('stop', 'destroy').chain((kind) =>
    fc
      .constantFrom<unknown>(
        '',
        'x',
        token.slice(1),
        `${token}x`,
        token.toLowerCase(),
        null,
        7,
        [token],
        undefined,
      )
      .filter((one) => one !== token)
      .map((other) => ({ request: kind, token: other, instance })),
  ),
  fc
    .constantFrom('path', 'force', 'spec', 'folder', 'dataDir', 'also')
    .chain((name) => junk.map((value) => ({ request: 'destroy', token, instance, [name]: value }))),
  fc.jsonValue({ maxDepth: 3 }),
)
const line = fc.oneof(
  { weight: 8, arbitrary: wrong.map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 400 }).map((one) => one.replaceAll('\n', ' ')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x'.repeat(300_000),
      `{"request":"stop","token":"${token}","instance":"${instance}"`,
      '[[[['.repeat(5_000),
    ),
  },
)

let refused = 0
const accepted: string[] = []
const first = await send('{}')
if ('error' in first) {
  process.stdout.write(JSON.stringify({ uid: process.getuid?.(), connected: false, error: first.error }))
  process.exit(0)
}
await fc.assert(
  fc.asyncProperty(line, async (one) => {
    const said = await send(one)
    const isRefused =
      'error' in said || said.text === '' || (JSON.parse(said.text) as { ok: unknown }).ok === false
    if (isRefused) refused++
    else accepted.push(one.slice(0, 300).replaceAll(token, '(token)'))
  }),
  { numRuns: given.runs, seed: given.seed },
)
const controls: string[] = []
for (const request of given.valid) {
  const said = await send(JSON.stringify(request))
  controls.push('text' in said ? said.text.trim() : said.error)
}
process.stdout.write(
  JSON.stringify({ uid: process.getuid?.(), connected: true, refused, accepted, controls }),
)
process.exit(0)
