import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { type Contender, type Ground, hosts, largeBytes, usageOf } from './edge-contenders.ts'

/** One suite for all, so that nobody wins by a cheaper one. */
const suite = 'TLS_AES_128_GCM_SHA256'

export type Protocol = 'http/1.1' | 'h2'
/** `value` counts units a second; latencies where they were asked for; `errors` is everything that was no 2xx. */
export type Sample = {
  value: number
  p50Ms: number | null
  p99Ms: number | null
  cpuMicrosPerUnit: number
  pssMb: number
  errors: number
}

export type Task = { name: string; unit: string; run(ground: Ground, contender: Contender): Promise<Sample> }

type Load = {
  protocol: Protocol
  args: string[]
  host?: string
  path?: string
  latencies?: boolean
  /** Units of what h2load did in a run of so many seconds. */
  units: (done: { requests: number; bytes: number }) => number
}

/** Everything that is measured; each duration run is preceded by a second that does not count. */
export function tasksOf(seconds: number, requestsPerSecond: number, bodyPath: string): Task[] {
  const timed = ['-D', String(seconds), '--warm-up-time=1']
  const perClient = Math.round(requestsPerSecond / 16)
  const requests = ({ requests }: { requests: number }) => requests
  const megabytes = ({ bytes }: { bytes: number }) => bytes / 1e6
  const uploaded = ({ requests }: { requests: number }) => (requests * largeBytes) / 1e6
  const up = { host: hosts.sink, units: uploaded }
  const down = { path: '/large', units: megabytes }
  const both = (
    name: string,
    unit: string,
    h1: Omit<Load, 'protocol'>,
    h2: Omit<Load, 'protocol'>,
  ): Task[] => [
    task(`${name}, HTTP/1.1`, unit, { protocol: 'http/1.1', ...h1 }),
    task(`${name}, HTTP/2`, unit, { protocol: 'h2', ...h2 }),
  ]
  return [
    ...both(
      'small answers, keep-alive',
      'req/s',
      { args: ['-c', '64', ...timed], units: requests, latencies: true },
      { args: ['-c', '16', '-m', '8', ...timed], units: requests, latencies: true },
    ),
    ...both(
      `latency at ${requestsPerSecond} requests a second`,
      'req/s',
      { args: ['-c', '16', `--rps=${perClient}`, ...timed], units: requests, latencies: true },
      { args: ['-c', '16', `--rps=${perClient}`, ...timed], units: requests, latencies: true },
    ),
    task('full handshakes with one request each', 'handshakes/s', {
      protocol: 'http/1.1',
      args: ['-c', '500', '-n', '500'],
      units: requests,
    }),
    ...both(
      `${largeBytes / 1024 / 1024} MiB down`,
      'MB/s',
      { args: ['-c', '4', ...timed], ...down },
      { args: ['-c', '2', '-m', '2', ...timed], ...down },
    ),
    ...both(
      `${largeBytes / 1024 / 1024} MiB up`,
      'MB/s',
      { args: ['-c', '4', '-d', bodyPath, ...timed], ...up },
      { args: ['-c', '2', '-m', '2', '-d', bodyPath, ...timed], ...up },
    ),
  ]
}

function task(name: string, unit: string, load: Load): Task {
  return { name, unit, run: (ground, contender) => measure(ground, contender, load) }
}

async function measure(ground: Ground, contender: Contender, load: Load): Promise<Sample> {
  const log = join(ground.folder, 'requests.log')
  rmSync(log, { force: true })
  const before = usageOf(contender.pid)
  const text = await h2load([
    ...load.args,
    ...(load.protocol === 'http/1.1' ? ['--h1'] : []),
    ...(load.latencies ? [`--log-file=${log}`] : []),
    '-t',
    '1',
    `--tls13-ciphers=${suite}`,
    '--groups=X25519',
    `--connect-to=127.0.0.1:${contender.port}`,
    `https://${load.host ?? hosts.app}:${contender.port}${load.path ?? '/'}`,
  ])
  const after = usageOf(contender.pid)
  checkTls(text, load.protocol, contender.name)
  const [, amount, scale] = /^finished in ([0-9.]+)(s|ms|us),/m.exec(text) ?? []
  const [, total, done] = /^requests: ([0-9]+) total,.* ([0-9]+) done/m.exec(text) ?? []
  const [, good] = /^status codes: ([0-9]+) 2xx/m.exec(text) ?? []
  const [, bytes] = /\(([0-9]+)\) data$/m.exec(text) ?? []
  if (!amount || !total || !done || !good || !bytes) throw new Error(`h2load said: ${text}`)
  const isTimed = load.args.includes('-D')
  const wholeSeconds = Number(amount) / { s: 1, ms: 1e3, us: 1e6 }[scale as 's' | 'ms' | 'us']
  // It counts the second of warming up into the time, but not into the numbers.
  const seconds = isTimed ? wholeSeconds - 1 : wholeSeconds
  const units = load.units({ requests: Number(good), bytes: Number(bytes) })
  const latencies = load.latencies ? latenciesOf(log) : null
  return {
    value: units / seconds,
    p50Ms: latencies && latencies[Math.floor(latencies.length * 0.5)]! / 1000,
    p99Ms: latencies && latencies[Math.floor(latencies.length * 0.99)]! / 1000,
    cpuMicrosPerUnit: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / ((units * wholeSeconds) / seconds),
    pssMb: after.pssMb,
    // What runs when the time is up is cut off, and no error; of what ran when it began only the status is counted.
    errors: Math.max(0, Number(isTimed ? done : total) - Number(good)),
  }
}

function checkTls(text: string, protocol: Protocol, name: string): void {
  const said = (what: string) => new RegExp(`^${what}: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const found = ['TLS Protocol', 'Cipher', 'Server Temp Key', 'Application protocol'].map(said)
  const wanted = ['TLSv1.3', suite, 'X25519 253 bits', protocol]
  if (found.join() !== wanted.join())
    throw new Error(`${name} agreed on ${found}, and not on ${wanted}: ${text}`)
}

function latenciesOf(log: string): number[] {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  return lines.map((line) => Number(line.split('\t')[2])).toSorted((a, b) => a - b)
}

function h2load(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk
      })
    child.on('error', reject)
    child.on('close', () => resolve(text))
  })
}

/** Memory of a contender as it stands, and what each of `count` connections adds that has had one answer and then idles. */
export async function memoryOf(
  ground: Ground,
  contender: Contender,
  count: number,
): Promise<{ pssMb: number; addedKbPerConnection: number }> {
  const { pssMb } = usageOf(contender.pid)
  const sockets: TLSSocket[] = []
  for (let n = 0; n < count; n++) {
    const options = { port: contender.port, host: '127.0.0.1', servername: hosts.app, ca: ground.ca.certPem }
    const socket = connect(options)
    sockets.push(socket)
    socket.write(`GET / HTTP/1.1\r\nHost: ${hosts.app}\r\n\r\n`)
    await once(socket, 'data')
  }
  const after = usageOf(contender.pid)
  for (const socket of sockets) socket.destroy()
  return { pssMb, addedKbPerConnection: ((after.pssMb - pssMb) * 1000) / count }
}
