/**
 * Keep-alive proxying over TLS: Borgen's edge against Caddy and nginx, one after the other, same certificate, same client
 * (wrk), same upstream (nginx answering from memory on a Unix socket).
 *   node bench/edge.ts [seconds per run] [connections]
 * Needs Debian's packages caddy, nginx and wrk; installs nothing.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createLocalCa, openLocalIssuer } from '../src/drivers/certificates/local/local-ca.ts'
import { systemClock } from '../src/kernel/clock.ts'

const seconds = Number(process.argv[2] ?? 10)
const connections = Number(process.argv[3] ?? 64)
const rounds = 3
const host = 'acme.eu-frankfurt.apps.localhost'
const domains = { planeDomain: 'borgen.localhost', appsDomain: 'apps.localhost' }

type Contender = { name: string; port: number; command: string; args: string[]; env?: Record<string, string> }
type Run = {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  rssMb: number
  cpuSeconds: number
  errors: number
}

const missing = ['caddy', 'nginx', 'wrk'].filter((program) => spawnSync('which', [program]).status !== 0)
if (missing.length > 0) {
  console.error(`Missing: ${missing.join(', ')}. Install with: sudo apt-get install -y caddy nginx-light wrk`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'borgen-bench-edge-'))
const upstream = join(folder, 'app.sock')
const ca = await createLocalCa({ domains: Object.values(domains), nowMs: systemClock.now() })
const leaf = await (await openLocalIssuer(ca)).issue([host], systemClock.now())
const [certPath, keyPath] = [join(folder, 'leaf.crt'), join(folder, 'leaf.key')]
writeFileSync(certPath, leaf.certPem)
writeFileSync(keyPath, leaf.keyPem, { mode: 0o600 })

const started: number[] = []
const children = new Map<number, ReturnType<typeof spawn>>()
try {
  await run()
} finally {
  for (const pid of started) kill(pid)
  rmSync(folder, { recursive: true, force: true })
}

async function run(): Promise<void> {
  start('nginx', [
    '-c',
    nginxConfig(
      'upstream',
      `server { listen unix:${upstream}; location / { return 200 "${'x'.repeat(512)}"; } }`,
    ),
  ])
  const contenders = [await borgen(), await caddy(), await nginx()]
  const results = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]))
  // Interleaved, so that what else the machine does falls on all of them.
  for (let round = 0; round < rounds; round++)
    for (const contender of contenders) results.get(contender.name)!.push(await measure(contender))
  const best = contenders.map(({ name }) => ({ name, ...medianOf(results.get(name)!) }))
  const peer = best.find(({ name }) => name === 'caddy')!
  console.log(
    `${connections} connections, ${seconds} s a run, median of ${rounds}; 512 bytes; TLS 1.3, HTTP/1.1 keep-alive`,
  )
  console.table(
    best.map((row) => ({
      edge: row.name,
      'req/s': Math.round(row.requestsPerSecond),
      'p50 ms': row.p50Ms,
      'p99 ms': row.p99Ms,
      'RSS MB': Math.round(row.rssMb),
      'CPU s': row.cpuSeconds.toFixed(1),
      'CPU µs/req': Math.round((row.cpuSeconds * 1e6) / (row.requestsPerSecond * seconds)),
      'req/s ÷ caddy': (row.requestsPerSecond / peer.requestsPerSecond).toFixed(2),
      errors: row.errors,
    })),
  )
}

async function borgen(): Promise<Contender> {
  const [port, httpPort] = [await freePort(), await freePort()]
  const dataDir = join(folder, 'borgen')
  mkdirSync(join(dataDir, 'run', 'server'), { recursive: true })
  // The twin of the server: one name, always awake.
  const answer = JSON.stringify({ state: 'awake', instance: 'ins_bench', socket: upstream, activity: null })
  const site = `server { listen unix:${join(dataDir, 'run/server/server.sock')}; location = /internal/edge/activity { return 204; } location / { default_type application/json; return 200 '${answer}'; } }`
  start('nginx', ['-c', nginxConfig('twin', site)])
  const boot = {
    process: 'edge',
    dataDir,
    codeDir: join(import.meta.dirname, '..'),
    nodePath: process.execPath,
    config: { worldId: 'bench', demo: true, ...domains, httpsPort: port, httpPort, bindAddress: '127.0.0.1' },
    uids: {
      distinct: false,
      ...Object.fromEntries(
        ['plane', 'database', 'ledger', 'server', 'worker', 'prover', 'edge', 'warden', 'instancesFrom'].map(
          (each) => [each, process.getuid?.() ?? 0],
        ),
      ),
    },
    secrets: { caCert: ca.certPem, caKey: ca.keyPem, edgeToken: 'bench', probeToken: 'bench' },
  }
  const bootPath = join(folder, 'boot.json')
  writeFileSync(bootPath, JSON.stringify(boot), { mode: 0o600 })
  const entry = join(import.meta.dirname, '..', 'src', 'edge.ts')
  return {
    name: 'borgen',
    port,
    command: 'sh',
    args: ['-c', `exec "${process.execPath}" "${entry}" 3<"${bootPath}"`],
  }
}

async function caddy(): Promise<Contender> {
  const port = await freePort()
  const path = join(folder, 'Caddyfile')
  writeFileSync(
    path,
    `{\n admin off\n auto_https off\n}\nhttps://${host}:${port} {\n bind 127.0.0.1\n tls ${certPath} ${keyPath}\n reverse_proxy unix/${upstream}\n}\n`,
  )
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  return {
    name: 'caddy',
    port,
    command: 'caddy',
    args: ['run', '--config', path, '--adapter', 'caddyfile'],
    env,
  }
}

async function nginx(): Promise<Contender> {
  const port = await freePort()
  const site = `upstream app { server unix:${upstream}; keepalive 128; }
server { listen 127.0.0.1:${port} ssl; keepalive_requests 100000000; ssl_certificate ${certPath}; ssl_certificate_key ${keyPath};
location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; } }`
  return { name: 'nginx', port, command: 'nginx', args: ['-c', nginxConfig('peer', site)] }
}

function nginxConfig(name: string, site: string): string {
  const own = join(folder, `nginx-${name}`)
  mkdirSync(own)
  const path = join(own, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${own}/${kind};`,
  )
  writeFileSync(
    path,
    `daemon off; pid ${own}/pid; error_log ${own}/error.log; worker_processes ${name === 'peer' ? 'auto' : 1}; ${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; } http { access_log off; keepalive_requests 100000000; keepalive_timeout 600; ${temporary.join(' ')} ${site} }`,
  )
  return path
}

async function measure(contender: Contender): Promise<Run> {
  const pid = start(contender.command, contender.args, contender.env)
  await untilUp(contender.port)
  wrk(contender.port, 2)
  const before = usage(pid)
  const output = wrk(contender.port, seconds)
  const after = usage(pid)
  kill(pid)
  const line = /RESULT (.*)/.exec(output)
  if (!line) throw new Error(`wrk said: ${output}`)
  const [count, micros, p50, p99, errors] = line[1]!.split(' ').map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    requestsPerSecond: count / (micros / 1e6),
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    rssMb: after.rssMb,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    errors,
  }
}

function wrk(port: number, forSeconds: number): string {
  const script = join(folder, 'report.lua')
  writeFileSync(
    script,
    'done = function(s, l, r) print(string.format("RESULT %d %d %d %d %d", s.requests, s.duration, l:percentile(50), l:percentile(99), s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout)) end',
  )
  const args = [
    '-t',
    '2',
    '-c',
    String(connections),
    '-d',
    `${forSeconds}s`,
    '-s',
    script,
    '-H',
    `Host: ${host}`,
  ]
  // wrk takes the server name from the address, and nobody resolves it: wrk alone sees a hosts file that does.
  const hosts = join(folder, 'hosts')
  writeFileSync(hosts, `127.0.0.1 localhost ${host}\n`)
  const unshare = process.getuid?.() === 0 ? ['-m'] : ['-Urm']
  const inside = ['sh', '-c', 'mount --bind "$0" /etc/hosts && exec wrk "$@"', hosts]
  const url = `https://${host}:${port}/`
  const done = spawnSync('unshare', [...unshare, ...inside, ...args, url], { encoding: 'utf8' })
  return `${done.stdout}${done.stderr}`
}

/** CPU seconds and resident memory of a process and all below it. */
function usage(pid: number): { cpuSeconds: number; rssMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const own = {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    rssMb: (Number(fields[21]) * 4096) / 1e6,
  }
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  for (const child of below === '' ? [] : below.split(' ')) {
    const more = usage(Number(child))
    own.cpuSeconds += more.cpuSeconds
    own.rssMb += more.rssMb
  }
  return own
}

function medianOf(runs: Run[]): Run {
  return runs.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(runs.length / 2)]!
}

function start(command: string, args: string[], env: Record<string, string> = {}): number {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  child.stderr?.resume()
  if (child.pid === undefined) throw new Error(`${command} does not start.`)
  children.set(child.pid, child)
  started.push(child.pid)
  return child.pid
}

function kill(pid: number): void {
  children.get(pid)?.kill('SIGTERM')
  children.delete(pid)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function untilUp(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', servername: host, ca: ca.certPem }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Nothing came up at port ${port}.`)
}
