import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { originHash } from '../src/memory.ts'
import { smallLog } from './small-log.ts'

const program = join(import.meta.dirname, '..', 'bin', 'borgen-witness.mjs')
const folder = mkdtempSync(join(tmpdir(), 'borgen-witness-'))
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})
const ask = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
const socketPath = join(folder, 'w.sock')

async function start(state: string, logKey: string): Promise<ChildProcess> {
  const args = ['run', '--state', state, '--log-key', logKey, '--listen', `unix:${socketPath}`]
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  running.add(child)
  const [line] = await once(child.stdout!, 'data')
  assert.equal(String(line), 'READY\n')
  return child
}

async function send(method: string, path: string, body = ''): Promise<{ status: number; text: string }> {
  const asked = request({ socketPath, method, path })
  asked.end(body)
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const piece of response) text += piece
  return { status: response.statusCode, text }
}

test('init makes a key that nobody else reads, once', () => {
  const state = join(folder, 'init')
  const made = ask('init', '--state', state, '--name', 'witness.example/w1')
  assert.equal(made.status, 0, made.stderr)
  assert.match(made.stdout, /^witness\.example\/w1\+[0-9a-f]{8}\+\S+\n$/)
  assert.equal(statSync(join(state, 'witness.key')).mode & 0o777, 0o600)
  assert.equal(ask('key', '--state', state).stdout, made.stdout)
  assert.equal(ask('init', '--state', state, '--name', 'x').status, 1)
})

test('what cannot work is said, and exits', () => {
  const state = join(folder, 'init')
  const { vkey } = smallLog('log.example/a')
  assert.equal(ask().status, 2)
  assert.equal(ask('frobnicate').status, 2)
  assert.equal(ask('init', '--state', join(folder, 'x')).status, 2)
  assert.equal(ask('run', '--state', join(folder, 'nowhere'), '--log-key', vkey).status, 1)
  assert.equal(ask('run', '--state', state).status, 2)
  assert.equal(ask('run', '--state', state, '--log-key', 'nonsense').status, 1)
  assert.equal(ask('run', '--state', state, '--log-key', vkey, '--listen', 'everywhere').status, 2)
})

test('it cosigns over its socket, remembers through kill -9, and two never share a folder', async () => {
  const state = join(folder, 'run')
  ask('init', '--state', state, '--name', 'witness.example/w2')
  const log = smallLog('log.example/a', [Buffer.from('one'), Buffer.from('two')])
  const first = await start(state, log.vkey)
  const newest = `/${originHash(log.origin)}/checkpoint`
  assert.equal((await send('GET', newest)).status, 404)
  const answer = await send('POST', '/add-checkpoint', log.request(0))
  assert.equal(answer.status, 200, answer.text)
  assert.equal((await send('GET', newest)).text, log.checkpoint() + answer.text)
  assert.equal((await send('GET', '/add-checkpoint')).status, 405)
  assert.equal((await send('POST', '/add-checkpoint', 'x'.repeat(80_000))).status, 413)
  const second = ask('run', '--state', state, '--log-key', log.vkey, '--listen', '127.0.0.1:0')
  assert.equal(second.status, 1)
  assert.match(second.stderr, /runs in .* already/)

  first.kill('SIGKILL')
  await once(first, 'exit')
  const again = await start(state, log.vkey)
  assert.deepEqual(await send('POST', '/add-checkpoint', log.request(0)), { status: 409, text: '2\n' })
  again.kill('SIGTERM')
  assert.deepEqual(await once(again, 'exit'), [0, null])
})
