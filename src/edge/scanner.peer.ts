import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { appHost, type EdgeUnderTest, startEdgeUnderTest } from '../../test/support/edge.ts'

/** What an outside scanner finds: Debian's sslscan, which brings its own OpenSSL that still speaks the old versions. */
let edge: EdgeUnderTest
before(async () => {
  edge = await startEdgeUnderTest()
})
after(() => edge.close())

function sslscan(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('sslscan', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.on('error', (cause) =>
      reject(new Error('Install the scanner with: sudo apt-get install -y sslscan', { cause })),
    )
    child.on('close', () => resolve(text))
  })
}

test('sslscan finds TLS 1.2 and 1.3 with ephemeral, authenticated suites and nothing else', async () => {
  const target = `127.0.0.1:${edge.listeners.httpsPort}`
  const text = await sslscan(['--no-colour', '--show-sigs', `--sni-name=${appHost}`, target])
  for (const version of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1'])
    assert.match(text, new RegExp(`^${version}\\s+disabled`, 'm'))
  for (const version of ['TLSv1.2', 'TLSv1.3']) assert.match(text, new RegExp(`^${version}\\s+enabled`, 'm'))
  const accepted = [...text.matchAll(/^(?:Preferred|Accepted)\s+(TLSv1\.[0-9])\s+[0-9]+ bits\s+(\S+)/gm)]
  assert.ok(accepted.length >= 4, text)
  for (const [, version, suite] of accepted)
    assert.match(
      suite!,
      version === 'TLSv1.3' ? /^TLS_(AES|CHACHA20)/ : /^ECDHE-ECDSA-(AES(128|256)-GCM|CHACHA20-POLY1305)/,
    )
  assert.match(text, /Session renegotiation not supported/)
  assert.doesNotMatch(text, /vulnerable to heartbleed(?! *\n)/)
  assert.equal(text.match(/not vulnerable to heartbleed/g)?.length, 2)
})
