import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'bcli-garbage-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'big.yaml'), 'x'.repeat(64 * 1024 + 1))
writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]))

const signUp = ['account', 'sign-up', '--company', 'Acme', '--email', 'ann@acme.test', '--country', 'SE']

/** A wrong command line, and what its error must name. */
const garbage: [args: string[], names: RegExp][] = [
  [[], /no command/i],
  [['--nope'], /--nope/],
  [['acount'], /acount[\s\S]*account/],
  [['account'], /no command/i],
  [['account', 'lst'], /lst[\s\S]*list/],
  [['account', 'list', 'extra'], /extra/],
  [['account', 'list', '--limit'], /--limit/],
  [['account', 'list', '--limit', 'many'], /whole number/],
  [['account', 'list', '--limit', '0'], /whole number/],
  [['account', 'list', '--limit', '-1'], /whole number/],
  [['account', 'list', '--limit', '1.5'], /whole number/],
  [['account', 'list', '--limit', '1e3'], /whole number/],
  [['account', 'list', '--limit', '99999999999999999999'], /whole number/],
  [['account', 'show'], /account/],
  [['account', 'show', ''], /name or an id/],
  [['account', 'show', '../../etc/passwd'], /name or an id/],
  [['account', 'show', 'a b'], /name or an id/],
  [['account', 'show', 'x'.repeat(300)], /name or an id/],
  [['account', 'show', '\u001b[31mred'], /name or an id/],
  [['account', 'sign-up'], /--company/],
  [['account', 'sign-up', '--company', 'A', '--email', 'a@b.test'], /--country/],
  [['account', 'sign-up', '--company', '', '--email', 'a@b.test', '--country', 'SE'], /empty/],
  [['account', 'sign-up', '--company', 'A', '--email', 'nobody', '--country', 'SE'], /e-mail/],
  [['account', 'sign-up', '--company', 'A', '--email', 'a@b.test', '--country', 'Sweden'], /two letters/],
  [['account', 'sign-up', '--company', 'A', '--email', 'a@b.test', '--country', '🇸🇪'], /two letters/],
  [[...signUp, '--plan', 'gold'], /trial, free, paid/],
  [[...signUp, '--start', 'tomorrow'], /now, on-first-request/],
  [[...signUp, '--region', 'eu frankfurt'], /name or an id/],
  [[...signUp, '--region'], /--region/],
  [[...signUp, '--regoin', 'uk'], /--region/],
  [['instance'], /no command/i],
  [['instance', 'show'], /instance/],
  [['instance', 'destroy', 'acme', '--confirm'], /--confirm/],
  [['instance', 'destroy', 'acme', '--confirm', ' '], /empty/],
  [['instance', 'destroy', 'acme', '--force'], /--force/],
  [['instance', 'logs', 'acme', '-n', '0'], /whole number/],
  [['instance', 'logs', 'acme', '-n', 'all'], /whole number/],
  [['instance', 'wake', 'a', 'b'], /a, b/],
  [['region'], /no command/i],
  [['region', 'list', '--verbose'], /--verbose/],
  [['app', 'add'], /app/],
  [['app', 'add', ''], /empty/],
  [['app', 'add', join(folder, 'none')], /no manifest/i],
  [['app', 'check', folder], /no manifest/i],
  [['app', 'check', join(folder, 'big.yaml')], /65536 bytes/],
  [['app', 'check', join(folder, 'binary.yaml')], /UTF-8/],
  [['app', 'check', '/dev/zero'], /no manifest/i],
  [['log', 'prove'], /index/],
  [['log', 'prove', 'seven'], /whole number/],
  [['log', 'prove', '-7'], /-7/],
  [['log', 'prove', '9007199254740993'], /whole number/],
  [['log', 'tail', '--stream', 'everything'], /event, audit, error, administrator, operator/],
  [['log', 'tail', '-n', '10001'], /whole number/],
  [['log', 'verify', '--folder'], /--folder/],
  [['log', 'verify', '--key', join(folder, 'none')], /cannot be read/],
  [['log', 'verify', '--checkpoint', join(folder, 'none')], /cannot be read/],
  [['token', 'create'], /--name/],
  [['token', 'create', '--name', 'ci'], /--scope/],
  [['token', 'create', '--name', 'ci', '--scope', '*', '--role', 'root'], /owner, operator, auditor/],
  [['token', 'create', '--name', 'ci', '--scope', '*', '--days', '400'], /whole number/],
  [['token', 'revoke'], /token/],
  [['sign-in-link'], /--email/],
  [['sign-in-link', '--email', 'not an address'], /e-mail/],
  [['status', 'now'], /now/],
  [['status', '--data', ''], /empty/],
  [['up', '--https-port', 'https'], /https-port/],
  [['up', '--https-port', '70000'], /https-port/],
  [['up', '--http-port', '-1'], /http-port/],
  [['up', '--bind', 'everywhere'], /bind/],
  [['up', '--plane-domain', 'no spaces here'], /plane-domain/],
  [['up', '--apps-domain', 'com'], /apps-domain/],
  [['up', 'demo'], /demo/],
]

test(`${garbage.length} wrong command lines: exit code 2, a sentence on stderr, nothing on stdout`, async (t) => {
  assert.ok(garbage.length >= 40)
  for (const [args, names] of garbage)
    await t.test(`borgen ${args.join(' ').slice(0, 80)}`, async () => {
      const plain = await run(args, { env: { BORGEN_DATA: folder } })
      assert.equal(plain.code, 2)
      assert.equal(plain.stdout, '')
      assert.match(plain.stderr, /^borgen: .+[.?!]$/m)
      assert.match(plain.stderr, names)
      // Nothing of what was typed steers a terminal.
      assert.doesNotMatch(plain.stderr.replaceAll('\n', ''), /\p{Cc}/u)
      assert.doesNotMatch(plain.stderr, /^ {4}at /m)

      const json = await run(['--json', ...args], { env: { BORGEN_DATA: folder } })
      assert.equal(json.code, 2)
      assert.deepEqual(Object.keys(json.json()), ['error'])
      assert.equal(typeof json.json().error.code, 'string')
      assert.match(json.json().error.detail, /[.?!]$/)
    })
})

test('whatever is typed ends in one of the five exit codes, and stdout holds one document with --json', async () => {
  const words = [
    'account',
    'instance',
    'log',
    'token',
    'app',
    'list',
    'show',
    'create',
    '--limit',
    '--name',
    '--',
    '-',
    '',
  ]
  const argument = fc.oneof(fc.constantFrom(...words), fc.string(), fc.string({ unit: 'binary' }))
  await fc.assert(
    fc.asyncProperty(fc.array(argument, { maxLength: 6 }), async (args) => {
      // These do something else than fail.
      fc.pre(!args.some((one) => /^(up|help|--help|-h|--version|-V)$/.test(one) || /^-[^-]*[hV]/.test(one)))
      const { code, stdout } = await run(['--json', ...args], { env: { BORGEN_DATA: folder } })
      assert.ok([2, 3].includes(code), `${code}`)
      assert.ok('error' in JSON.parse(stdout))
    }),
    { numRuns: 300 },
  )
})
