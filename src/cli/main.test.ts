import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'bcli-main-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** `borgen …` as a process; with `readNothing` its reader goes away at once. */
async function borgen(args: string[], readNothing = false) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH, HOME: folder, BORGEN_DATA: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (readNothing) child.stdout.destroy()
  const text = async (stream: NodeJS.ReadableStream) => {
    let all = ''
    for await (const chunk of stream) all += chunk
    return all
  }
  const code = new Promise((done) => child.once('close', done))
  const [stdout, stderr] = await Promise.all([readNothing ? '' : text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

test('the process ends with the exit code of its command, and prints its version', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'))
  assert.deepEqual(await borgen(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  const unknown = await borgen(['region', 'list', '--json'])
  assert.equal(unknown.code, 3)
  assert.equal(JSON.parse(unknown.stdout).error.code, 'unreachable')
})

test('a reader that goes away ends it without a word', async () => {
  const ended = await borgen(['--help'], true)
  assert.equal(ended.stderr, '')
  assert.equal(ended.code, 0)
})
