import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'

/**
 * The recipes, run word for word: what stands in the fenced `sh` blocks of README.md and docs/recipes goes to a shell as it is.
 * Only two things differ from a reader's terminal: the folder lies elsewhere, so that the checkout stays clean, and BORGEN_DATA
 * names the world. Needs the npm registry, Debian's packages and curl.
 */
const checkout = resolve(import.meta.dirname, '../..')
const patienceMs = 600_000

const readme = () => blocksOf('README.md', /^## Run your own application/m).join('\n')

function blocksOf(file: string, heading?: RegExp): string[] {
  const text = readFileSync(join(checkout, file), 'utf8')
  const from = heading ? text.search(heading) : 0
  assert.ok(from >= 0, `${file} has lost its ${heading}`)
  const end = heading ? text.indexOf('\n## ', from + 1) : -1
  const part = text.slice(from, end < 0 ? undefined : end)
  return [...part.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]!)
}

type Shell = {
  /** Resolves with what was printed; rejects when a command fails. */ run(lines: string): Promise<string>
  end(): void
}

/** One shell as a reader has it, which remembers its variables and ends at the first command that fails. */
function openShell(cwd: string, dataDir: string): Shell {
  const shell = spawn('bash', ['-euo', 'pipefail'], {
    cwd,
    env: { ...process.env, BORGEN_DATA: dataDir },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patienceMs,
  })
  const ended = once(shell, 'close')
  let said = ''
  let complained = ''
  let heard = () => {}
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    heard()
  })
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  // What happens to the shell is told by its end.
  shell.stdin.on('error', () => {})
  return {
    async run(lines) {
      const done = `done-${randomUUID()}\n`
      said = ''
      const { promise, resolve: finish } = Promise.withResolvers<void>()
      heard = () => {
        if (said.endsWith(done)) finish()
      }
      shell.stdin.write(`${lines}\necho; echo ${done}`)
      await Promise.race([promise, ended])
      assert.ok(said.endsWith(done), `the recipe stopped\n${said}\n${complained}`)
      return said.slice(0, -done.length)
    },
    end: () => void shell.kill(),
  }
}

describe('third-party applications, by recipe', () => {
  const dataDir = worldFolder()
  const folder = worldFolder()
  let world: RunningWorld
  let shell: Shell

  before(async () => {
    symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
    world = startWorld(dataDir)
    await world.said(fullyUp)
    shell = openShell(folder, dataDir)
  })
  after(async () => {
    shell?.end()
    if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
    rmSync(folder, { recursive: true, force: true })
  })

  const signIn = (url: string, password: string) =>
    fetchThroughEdge(dataDir, `${url}/auth/simple/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    })

  test('README.md: Unleash from npm answers at the address that sign-up prints', async () => {
    const said = await shell.run(readme())
    const field = (name: string) => new RegExp(`^${name} +(\\S+)`, 'm').exec(said)?.[1] ?? assert.fail(said)
    const url = field('Address')
    const health = await fetchThroughEdge(dataDir, `${url}/health`)
    assert.deepEqual([health.status, health.text], [200, '{"health":"GOOD"}'])
    const signedIn = await signIn(url, field('Password'))
    assert.equal(signedIn.status, 200, signedIn.text)
    assert.match(String(signedIn.headers['set-cookie']), /unleash-session/)
  })

  test('docs/recipes/unleash.md: what was written is there after sleep, for this customer alone', async () => {
    const [first, ...others] = blocksOf('docs/recipes/unleash.md')
    assert.ok(readme().startsWith(first!), 'README.md and the recipe begin with the same lines')
    const away = others.pop()!
    const said = await shell.run(others.join('\n'))
    assert.equal(said.match(/"name":"winter-sale"/g)?.length, 2, said)
    assert.match(said, /Is +asleep/)
    assert.match(said, /instance\.provisioned/)

    const owned = ownedSchema.parse(JSON.parse(readFileSync(join(folder, 'my-apps', 'acme.json'), 'utf8')))
    // What has happened is carried into the log a moment later.
    await until('its waking is in its log', async () =>
      /instance\.woken/.test((await runCli(dataDir, ['instance', 'logs', owned.instance.id])).stdout),
    )
    const shown = await runCli(dataDir, ['instance', 'show', owned.instance.id, '--json'])
    const { limits, observed } = instanceSchema.parse(JSON.parse(shown.stdout))
    assert.equal(observed, 'awake')
    assert.equal(limits.network?.state, 'enforced')
    const stranger = await signIn(owned.url.replace('//acme.', '//globex.'), owned.owner.password)
    assert.equal(stranger.status, 401, 'one customer’s owner is unknown to the other’s instance')

    await shell.run(away)
    assert.equal((await fetchThroughEdge(dataDir, `${owned.url}/health`)).status, 404)
  })

  test('docs/recipes/postgres-exporter.md: a compiled program from Debian sees its own PostgreSQL', async () => {
    const said = await shell.run(blocksOf('docs/recipes/postgres-exporter.md').join('\n'))
    assert.match(said, /^pg_up 1$/m)
    assert.match(said, /^pg_static\{server="\/run\/pg:5432",short_version="18\./m)
  })

  test('the log verifies with all that is in it', async () => {
    const verified = await runCli(dataDir, ['log', 'verify'])
    assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  })
})

const ownedSchema = z.object({
  url: z.string(),
  instance: z.object({ id: z.string() }),
  owner: z.object({ password: z.string() }),
})
const instanceSchema = z.object({
  observed: z.string(),
  limits: z.record(z.string(), z.object({ state: z.string() })),
})
