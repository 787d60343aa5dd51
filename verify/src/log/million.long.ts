// A log of a million entries in bounded memory: the verifier runs in its own process, which reports its peak.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { checkpointOf, makeSigner, rootOf, someLeaves, writeLog } from '../../test/log-writer.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'verify-million-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))

const size = 1_000_000
const program = `
  import { verifyLog } from ${JSON.stringify(path.join(import.meta.dirname, 'verify-log.ts'))}
  import fs from 'node:fs'
  const [folder, key, ...files] = process.argv.slice(1)
  const checkpoints = files.map((name) => ({ name, bytes: fs.readFileSync(name) }))
  const started = performance.now()
  const { verdict, findings } = await verifyLog({ folder, key, checkpoints })
  const seconds = (performance.now() - started) / 1000
  // Not resourceUsage().maxRSS: a child inherits its parent's, and this parent has just written the log.
  const peakMb = Number(/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
  console.log(JSON.stringify({ verdict, findings, seconds, peakMb }))
`

test('a million entries verify in less than 200 MB, with older checkpoints; one flipped byte is named', (t) => {
  const signer = makeSigner('borgen.localhost/log/w1')
  const log = writeLog(path.join(root, 'tree'), someLeaves(size), signer)
  const early = path.join(root, 'early')
  fs.writeFileSync(early, checkpointOf(signer, 777_777, rootOf(log.hashes.slice(0, 777_777))))
  const run = () => {
    const ran = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', program, log.tree, signer.vkey, early],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(ran.status, 0, ran.stderr)
    return JSON.parse(ran.stdout)
  }
  const sound = run()
  t.diagnostic(`${size} entries: ${sound.seconds.toFixed(1)} s, peak ${sound.peakMb.toFixed(0)} MB`)
  assert.deepEqual([sound.verdict, sound.findings], ['verified', []])
  assert.ok(sound.peakMb < 200, `${sound.peakMb} MB`)
  const file = 'tile/entries/x002/345'
  const bytes = fs.readFileSync(path.join(log.tree, file))
  bytes[1000]! ^= 0x80
  fs.writeFileSync(path.join(log.tree, file), bytes)
  const damaged = run()
  assert.equal(damaged.verdict, 'damaged')
  assert.deepEqual(
    damaged.findings.map((f: { file: string }) => f.file),
    [file],
  )
})
