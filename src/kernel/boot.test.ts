import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Boot, parseBoot, secretOf } from './boot.ts'

const boot: Boot = {
  process: 'sample',
  dataDir: '/data',
  codeDir: '/code',
  nodePath: '/node',
  config: {
    worldId: 'w1',
    demo: false,
    planeDomain: 'borgen.localhost',
    appsDomain: 'apps.localhost',
    httpsPort: 8443,
    httpPort: 8080,
    bindAddress: '127.0.0.1',
  },
  uids: {
    distinct: false,
    plane: 1,
    database: 1,
    ledger: 1,
    server: 1,
    worker: 1,
    prover: 1,
    edge: 1,
    warden: 1,
    witness: 1,
    instancesFrom: 1,
  },
  secrets: { token: 'swordfish' },
}

/** Starts a process that reads its boot document, gets ready, and stops in an orderly way. */
function startSample(text: string): { child: ChildProcess; output: { out: string; err: string } } {
  const program = `
    import { readBoot, onShutdown, reportReady } from ${JSON.stringify(fileURLToPath(new URL('boot.ts', import.meta.url)))}
    const boot = readBoot()
    const timer = setInterval(() => {}, 1000)
    onShutdown(async () => { clearInterval(timer); process.stdout.write('STOPPED ' + boot.secrets.token.length + '\\n') })
    reportReady()
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const output = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    output.out += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    output.err += String(chunk)
  })
  const pipe = child.stdio[3] as NodeJS.WritableStream
  pipe.end(text)
  return { child, output }
}

test('a process reads its secrets from descriptor 3, reports ready and stops on SIGTERM with exit 0', async () => {
  const { child, output } = startSample(JSON.stringify(boot))
  await once(child.stdout!, 'data')
  assert.equal(output.out, 'READY\n')
  child.kill('SIGTERM')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  assert.equal(output.out, 'READY\nSTOPPED 9\n')
})

test('a boot document larger than a pipe buffer arrives whole', async () => {
  const token = 'x'.repeat(300_000)
  const { child, output } = startSample(JSON.stringify({ ...boot, secrets: { token } }))
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  assert.equal(output.out, 'READY\nSTOPPED 300000\n')
})

test('a wrong document names the fields and never a value', () => {
  assert.deepEqual(parseBoot(JSON.stringify(boot)), boot)
  const wrong = { ...boot, uids: { ...boot.uids, plane: -1 }, secrets: { token: ['swordfish'] } }
  for (const text of [JSON.stringify(wrong), `swordfish ${JSON.stringify(boot)}`, '']) {
    assert.throws(
      () => parseBoot(text),
      (error: Error) => !error.message.includes('swordfish'),
    )
  }
  assert.throws(() => parseBoot(JSON.stringify(wrong)), /uids\.plane, secrets\.token/)
})

test('a secret that was not handed over is named', () => {
  assert.equal(secretOf(boot, 'token'), 'swordfish')
  assert.throws(() => secretOf(boot, 'other'), /sample .* other/)
})
