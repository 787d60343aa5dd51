import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LOG_KEY, makeWitnessKey, parseVerifierKey, parseWitnessKey } from './keys.ts'
import { openMemory, originHash, syncFolder } from './memory.ts'
import { type Place, serve } from './serve.ts'

const HELP = `borgen witness: cosigns the checkpoints of a log after proof that it only grew

  borgen witness init --state DIR --name NAME
  borgen witness run  --state DIR --log-key KEY... [--listen 127.0.0.1:8181 | --listen unix:PATH]
                      [--tls-cert FILE --tls-key FILE]
  borgen witness key  --state DIR

  --state DIR     its folder: its own key, and what it saw last of each log. They stay together: a witness that has
                  forgotten what it saw must not go on under the same key
  --name NAME     how it is called in its signatures, such as witness.example/w1; it is no address
  --log-key KEY   the public key of a log to be cosigned (\`borgen log witnesses\` prints it), or a file that holds it
  --listen        a host and port (a loopback one unless you put something before it), or a Unix socket

\`init\` prints the key by which others know this witness: hand it to \`borgen up --witness URL=KEY\`.
It speaks c2sp.org/tlog-witness, so any log that does can use it, and Borgen can use any such witness.
Exit codes: 0 stopped, 1 it could not run, 2 usage.
`

const DEFAULT_LISTEN = '127.0.0.1:8181'
const text = { type: 'string' } as const

class UsageError extends Error {}

/** Where text goes: what was asked for, and what is said besides. */
export type Output = { out(text: string): void; err(text: string): void }
const TERMINAL: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}

/** Runs the command line (without node and script). Resolves with the exit code; `run` only once it was told to stop. */
export async function main(args: string[], output: Output = TERMINAL): Promise<number> {
  const [command, ...rest] = args
  try {
    if (command === undefined || command === '--help' || command === '-h' || rest.includes('--help')) {
      output.out(HELP)
      return command === undefined ? 2 : 0
    }
    if (command === 'init') return init(rest, output)
    if (command === 'key') return showKey(rest, output)
    if (command === 'run') return await run(rest, output)
    throw new UsageError(`there is no command ${command}`)
  } catch (error) {
    const isUsage =
      error instanceof UsageError || /^ERR_PARSE_ARGS/.test((error as { code?: string }).code ?? '')
    output.err(`borgen witness: ${error instanceof Error ? error.message : error}\n`)
    if (isUsage) output.err('See borgen witness --help.\n')
    return isUsage ? 2 : 1
  }
}

function init(args: string[], output: Output): number {
  const { values } = parseArgs({ args, options: { state: text, name: text } })
  const folder = folderOf(values.state)
  if (values.name === undefined) throw new UsageError('--name is missing')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).length > 0)
    throw new Error(`${folder} holds files already; a witness begins in an empty folder`)
  const key = makeWitnessKey(values.name)
  writeFileSync(keyFile(folder), `${key.text}\n`, { mode: 0o600, flag: 'wx', flush: true })
  syncFolder(folder)
  output.out(`${key.verifier}\n`)
  return 0
}

function showKey(args: string[], output: Output): number {
  const { values } = parseArgs({ args, options: { state: text } })
  output.out(`${readKey(folderOf(values.state)).verifier}\n`)
  return 0
}

async function run(args: string[], output: Output): Promise<number> {
  const options = {
    state: text,
    listen: text,
    'log-key': { type: 'string', multiple: true },
    'tls-cert': text,
    'tls-key': text,
  } as const
  const { values } = parseArgs({ args, options })
  const folder = folderOf(values.state)
  const key = readKey(folder)
  const logs = (values['log-key'] ?? []).map((given) => parseVerifierKey(keyText(given), LOG_KEY))
  if (logs.length === 0) throw new UsageError('no --log-key is given: there is nothing to witness')
  const { 'tls-cert': cert, 'tls-key': tlsKey } = values
  if ((cert === undefined) !== (tlsKey === undefined))
    throw new UsageError('--tls-cert and --tls-key go together')
  const place = placeOf(values.listen ?? DEFAULT_LISTEN)
  await becomeOnly(folder)
  const memory = openMemory(folder)
  // What cannot be read is said now, not at the first request.
  for (const { name } of logs) memory.recall(name)
  const say = (line: string) => output.err(`${line}\n`)
  const tls = cert && tlsKey ? { tls: { cert: readFileSync(cert), key: readFileSync(tlsKey) } } : {}
  const server = await serve({ key, logs, memory, nowMs: Date.now, say, ...tls }, place)
  say(`witness ${key.verifier} listens on ${values.listen ?? DEFAULT_LISTEN}`)
  output.out('READY\n')
  return new Promise((stopped) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        server.close(() => stopped(0))
        server.closeAllConnections()
      })
  })
}

function folderOf(given: string | undefined): string {
  if (given === undefined || given === '') throw new UsageError('--state is missing')
  return resolve(given)
}

const keyFile = (folder: string) => join(folder, 'witness.key')

function readKey(folder: string) {
  if (!existsSync(keyFile(folder)))
    throw new Error(
      `there is no witness in ${folder}; make one with: borgen witness init --state ${folder} --name NAME`,
    )
  return parseWitnessKey(readFileSync(keyFile(folder), 'utf8'))
}

function keyText(given: string): string {
  return existsSync(given) ? readFileSync(given, 'utf8') : given
}

function placeOf(listen: string): Place {
  if (listen.startsWith('unix:')) return { socketPath: resolve(listen.slice(5)) }
  const [, host, port] = /^(?:\[([0-9a-fA-F:]+)\]|[^:\s]+):(\d{1,5})$/.exec(listen) ?? []
  if (port === undefined) throw new UsageError(`--listen ${listen} is neither HOST:PORT nor unix:PATH`)
  return { host: host ?? listen.slice(0, listen.lastIndexOf(':')), port: Number(port) }
}

/** Two that wrote to one folder could each cosign another history: the second one does not start. */
async function becomeOnly(folder: string): Promise<void> {
  if (process.platform !== 'linux') return
  // A name in the kernel, which goes when this process does.
  const lock = createServer()
  await new Promise<void>((taken, refused) => {
    lock.once('error', () => refused(new Error(`a witness runs in ${folder} already`)))
    lock.listen(`\0borgen-witness-${originHash(folder)}`, taken)
  })
  lock.unref()
}
