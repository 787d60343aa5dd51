#!/usr/bin/env node
// Entry for any Node >= 20: brings node_modules to what package-lock.json says, then runs the pinned Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = path.resolve(path.dirname(fs.realpathSync(fileURLToPath(import.meta.url))), '..')
const modules = path.join(checkout, 'node_modules')

const testScripts = {
  test: [
    'src/**/*.test.ts',
    'test/**/*.test.ts',
    'apps/**/*.test.ts',
    'verify/**/*.test.ts',
    'witness/**/*.test.ts',
    'web/**/*.test.ts',
  ],
  'test:slow': ['test/scenarios/*.slow.ts'],
  'test:long': ['**/*.long.ts'],
  'test:vectors': ['**/*.vectors.ts'],
  'test:peers': ['**/*.peer.ts'],
  'test:browser': ['test/browser/**/*.browser.ts'],
}

function say(line) {
  fs.writeSync(2, `${line}\n`)
}

function fail(line, exitCode = 1) {
  say(`borgen: ${line}`)
  process.exit(exitCode)
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Says whether every package of the lockfile is installed at its version (other platforms' packages may be absent). */
function installedAsLocked() {
  const wanted = readJson(path.join(checkout, 'package-lock.json'))?.packages
  const installed = readJson(path.join(modules, '.package-lock.json'))?.packages
  if (!wanted || !installed) return false
  return Object.entries(wanted).every(([place, entry]) => {
    if (!place.includes('node_modules/') || entry.link) return true
    const found = installed[place]
    if (!found) return entry.optional === true || entry.peer === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

/** The stamp that a complete installation of this lockfile on this platform carries. */
function currentStamp() {
  const lockfile = fs.readFileSync(path.join(checkout, 'package-lock.json'))
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}\n`
}

function stampIsCurrent() {
  try {
    return fs.readFileSync(path.join(modules, '.borgen-stamp'), 'utf8') === currentStamp()
  } catch {
    return false
  }
}

/** npm as the one that called us, else the one on PATH; never through the Node that `npm ci` is about to remove. */
function npmCommand() {
  const inside = (file) => file.startsWith(modules + path.sep)
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  if (npm?.endsWith('.js') && fs.existsSync(npm)) {
    const runtime = [node, process.execPath].find((file) => file && fs.existsSync(file) && !inside(file))
    if (runtime) return [runtime, npm]
  }
  return ['npm']
}

function install() {
  say('Installing packages as locked in package-lock.json (first start, or the lockfile changed) …')
  const searchPath = (process.env.PATH ?? '').split(path.delimiter)
  const env = {
    ...process.env,
    PATH: searchPath.filter((dir) => !dir.startsWith(checkout)).join(path.delimiter),
  }
  // What npm itself was told (npm start --silent, npx) is not meant for this installation.
  for (const name of Object.keys(env)) if (/^npm_(config|lifecycle|package)_/i.test(name)) delete env[name]
  for (const [name, value] of Object.entries(process.env))
    if (
      /^npm_config_(registry|cafile|proxy|https_proxy|noproxy|userconfig|cache|offline|prefer_offline)$/i.test(
        name,
      )
    )
      env[name] = value
  const [command, ...args] = npmCommand()
  const ran = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: checkout,
    env,
    stdio: ['ignore', 2, 2],
  })
  if (ran.error?.code === 'ENOENT')
    fail('npm was not found. Install npm (it comes with Node.js) and start again.')
  if (ran.status !== 0)
    fail(
      'npm ci failed (see above). With network access or a filled npm cache, start again; nothing is half-done.',
    )
}

/** Brings node_modules to the lockfile's state; of two concurrent starts one installs and the other waits. */
function ensureInstalled() {
  if (stampIsCurrent()) return
  // The lock lives as long as this descriptor; a crash releases it.
  const lock = fs.openSync(path.join(checkout, 'package-lock.json'), 'r')
  spawnSync('flock', ['--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', lock] })
  if (!stampIsCurrent()) {
    if (!installedAsLocked()) install()
    try {
      linkCommand()
      fs.writeFileSync(path.join(modules, '.borgen-stamp'), currentStamp())
    } catch (error) {
      // Somebody else's checkout, installed by them: good enough to run from.
      if (error.code !== 'EACCES' && error.code !== 'EROFS') throw error
    }
  }
  fs.closeSync(lock)
}

/** Makes `npx borgen …` find this file. */
function linkCommand() {
  const link = path.join(modules, '.bin', 'borgen')
  fs.mkdirSync(path.dirname(link), { recursive: true })
  fs.rmSync(link, { force: true })
  fs.symlinkSync('../../bin/borgen.mjs', link)
}

function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`
  const node = path.join(modules, name, 'bin', 'node')
  if (fs.existsSync(node)) return node
  const known = readJson(path.join(checkout, 'package.json'))?.optionalDependencies?.[name]
  if (!known) fail(`Borgen runs on Linux (x64, arm64); this machine is ${process.platform}-${process.arch}.`)
  return fail(
    `the pinned Node is missing (${path.relative(checkout, node)}): npm left out optional packages. ` +
      'Remove node_modules and start again without --no-optional / --omit=optional.',
  )
}

function environment() {
  const cache = path.join(modules, '.cache', `borgen-${process.getuid()}`)
  try {
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 })
    return { ...process.env, NODE_COMPILE_CACHE: cache }
  } catch {
    return process.env
  }
}

/** Becomes the pinned Node where this Node can, else runs it as a child with the same signals and exit code. */
function become(node, args) {
  const env = environment()
  if (process.execve) {
    process.execve(node, [node, ...args], env)
  }
  // If this process is killed hard, what it runs must stop too.
  const guard = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0
  const [command, ...rest] = guard ? ['setpriv', '--pdeathsig', 'TERM', node, ...args] : [node, ...args]
  const child = spawn(command, rest, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`the pinned Node could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function runScript(node, name, args) {
  if (name === 'check') {
    const bin = (tool) => path.join(modules, '.bin', tool)
    const steps = [
      [bin('tsc'), '-p', '.'],
      [bin('tsc'), '-p', 'apps/crm'],
      [bin('tsc'), '-p', 'verify'],
      [bin('tsc'), '-p', 'web'],
      [bin('biome'), 'ci', '.'],
    ]
    // The tools are Node scripts: they too run on the pinned one.
    const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` }
    const codes = steps.map(
      ([tool, ...rest]) => spawnSync(tool, rest, { cwd: checkout, env, stdio: 'inherit' }).status,
    )
    process.exit(codes.every((code) => code === 0) ? 0 : 1)
  }
  if (name === 'build:crm') return become(node, [path.join(checkout, 'apps', 'crm', 'build.ts'), ...args])
  if (name === 'generate')
    return become(node, [path.join(checkout, 'src', 'api-client', 'generate.ts'), ...args])
  if (name === 'generate:schema')
    return become(node, [path.join(checkout, 'test', 'house', 'generate.ts'), ...args])
  const globs = testScripts[name]
  if (!globs) {
    const known = [...Object.keys(testScripts), 'build:crm', 'check', 'generate', 'generate:schema']
    fail(`unknown script ${name}; there are: ${known.join(', ')}.`, 2)
  }
  const options = args.filter((arg) => arg.startsWith('-'))
  const files = args.filter((arg) => !arg.startsWith('-'))
  const reporter = `--test-reporter=${path.join(checkout, 'bin', 'test-reporter.mjs')}`
  process.chdir(checkout)
  become(node, ['--test', '--test-concurrency=2', reporter, ...options, ...(files.length ? files : globs)])
}

function main(args) {
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node ${process.versions.node} is too old to start Borgen; install Node 20 or later.`)
  ensureInstalled()
  const node = pinnedNode()
  if (args[0] === '--script') return runScript(node, args[1], args.slice(2))
  become(node, [path.join(checkout, 'src', 'cli', 'main.ts'), ...args])
}

main(process.argv.slice(2))
