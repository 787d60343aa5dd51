/*
 * Run by stores.test.ts as the server's user, on the log's real socket and with the plane's real credential: asks for
 * everything that HTTP can name and writes, as JSON, what was answered with success.
 */
import { METHODS, request } from 'node:http'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { z } from 'zod'

const given = z
  .object({
    socketPath: z.string(),
    tokens: z.record(z.string(), z.string()),
    runs: z.number(),
    seed: z.number(),
  })
  .parse(JSON.parse(await text(process.stdin)))

type Asked = {
  method: string
  path: string
  token: string | undefined
  headers: Record<string, string>
  body: string
}

function ask({ method, path, token, headers, body }: Asked): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  try {
    const sent = request(
      {
        socketPath: given.socketPath,
        method,
        path,
        agent: false,
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      },
      (answer) => {
        // What comes for a long time, such as a check of the whole log, is not waited for.
        answer.on('data', () => {})
        resolve(answer.statusCode ?? 0)
      },
    )
    sent.on('error', () => resolve(0))
    sent.setTimeout(10_000, () => sent.destroy())
    sent.end(body)
  } catch {
    // Node itself refuses to send it.
    resolve(-1)
  }
  return promise
}

const paths = [
  ...[
    '/',
    '/append',
    '/append/',
    '/append?x=1',
    '//append',
    '/APPEND',
    '/entries',
    '/entries/0',
    '/entries/0/export',
  ],
  ...[
    '/checkpoint',
    '/tile/0/000',
    '/tile/entries/000',
    '/proof/inclusion',
    '/proof/consistency',
    '/health',
    '/fsck',
  ],
  ...[
    '/keys',
    '/keys/eu-frankfurt',
    '/destroy',
    '/rotate',
    '/truncate',
    '/publish',
    '/segments',
    '/journal',
    '/tokens',
  ],
  ...[
    '/tile/../../keys',
    '/tile/%2e%2e/%2e%2e/keys',
    '/tile/entries/../../vkey',
    '/..%2f..%2fkeys',
    '/%00',
    '*',
  ],
]
const entry = {
  ...{ key: 'fuzz-1', stream: 'audit', subject: 'plane', region: 'eu-frankfurt', type: 'fuzz.tried' },
  event: { text: 'fuzz' },
}
const bodies = [
  '',
  '{}',
  JSON.stringify({ entries: [] }),
  JSON.stringify({ entries: [{ ...entry, index: 0 }] }),
]
const methods = METHODS.filter((method) => method !== 'CONNECT')
const successes = new Map<string, number>()
let asked = 0

async function note(one: Asked, name: string): Promise<void> {
  const status = await ask(one)
  asked++
  if (status >= 100 && status < 400) {
    const [path] = one.path.split('?')
    const what = `${name} ${one.method} ${path}`
    successes.set(what, (successes.get(what) ?? 0) + 1)
  }
}

// Everything against everything, four at a time.
const all = Object.entries({ ...given.tokens, none: undefined, foreign: 'x'.repeat(43) }).flatMap(
  ([name, token]) =>
    methods.flatMap((method) =>
      paths.map((path) => ({ name, one: { method, path, token, headers: {}, body: '' } })),
    ),
)
await Promise.all(
  [0, 1, 2, 3].map(async (start) => {
    for (let at = start; at < all.length; at += 4) await note(all[at]!.one, all[at]!.name)
  }),
)

const piece = fc.oneof(
  fc.constantFrom('..', '%2e%2e', 'append', 'entries', 'tile', 'keys', '0', '000', '%2f', 'x001'),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
)
const path = fc.oneof(
  fc.constantFrom(...paths),
  fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join('/')}`),
)
const header = fc.dictionary(
  fc.constantFrom(
    'x-http-method-override',
    'x-method-override',
    'x-original-url',
    'x-forwarded-uri',
    'content-type',
    'if-match',
  ),
  fc.constantFrom('DELETE', 'PUT', '/keys', 'application/json', 'application/json-patch+json', '*'),
)
await fc.assert(
  fc.asyncProperty(
    fc.constantFrom(...methods),
    path,
    fc.constantFrom(...Object.values(given.tokens)),
    header,
    fc.oneof(fc.constantFrom(...bodies), fc.json()),
    async (method, where, token, headers, body) => {
      await note(
        { method, path: where, token, headers, body: method === 'GET' || method === 'HEAD' ? '' : body },
        'fuzz',
      )
    },
  ),
  { numRuns: given.runs, seed: given.seed },
)
// The control: the one thing that it may do.
const controls: Record<string, number> = {}
for (const [name, token] of Object.entries(given.tokens))
  controls[name] = await ask({
    ...{ method: 'POST', path: '/append', token, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ entries: [{ ...entry, key: `control-${name}` }] }),
  })
process.stdout.write(
  JSON.stringify({ asked, successes: Object.fromEntries(successes), controls, uid: process.getuid?.() }),
)
process.exit(0)
