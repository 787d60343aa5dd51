import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createLocalCa, openLocalIssuer } from '../src/drivers/certificates/local/local-ca.ts'
import { systemClock } from '../src/kernel/clock.ts'

export const zone = 'eu-frankfurt.apps.localhost'
/** Small and large answers from nginx, and a sink that takes bodies. */
export const hosts = { app: `app.${zone}`, sink: `sink.${zone}` }
export const largeBytes = 8 * 1024 * 1024

export type Contender = { name: string; port: number; pid: number }
type Sockets = { app: string; sink: string }

/** What the contenders share: a folder, one certificate, and the processes to end. */
export type Ground = {
  folder: string
  certPath: string
  keyPath: string
  ca: { certPem: string; keyPem: string }
  sockets: Sockets
  children: ChildProcess[]
}

const domains = { planeDomain: 'borgen.localhost', appsDomain: 'apps.localhost' }
const hsts = 'max-age=63072000; includeSubDomains'

/** Makes the certificate and starts the upstream for small and large answers (nginx, from memory and page cache). */
export async function prepareGround(folder: string): Promise<Ground> {
  const ca = await createLocalCa({ domains: Object.values(domains), nowMs: systemClock.now() })
  const leaf = await (await openLocalIssuer(ca)).issue([`*.${zone}`], systemClock.now())
  const [certPath, keyPath] = [join(folder, 'leaf.crt'), join(folder, 'leaf.key')]
  writeFileSync(certPath, leaf.certPem)
  writeFileSync(keyPath, leaf.keyPem, { mode: 0o600 })
  writeFileSync(join(folder, 'large'), Buffer.alloc(largeBytes, 'x'))
  const sockets = { app: join(folder, 'app.sock'), sink: join(folder, 'sink.sock') }
  const ground: Ground = { folder, certPath, keyPath, ca, sockets, children: [] }
  const site = `sendfile on; server { listen unix:${sockets.app}; root ${folder}; location = /large { } location / { return 200 "${'x'.repeat(512)}"; } }`
  start(ground, 'nginx', ['-c', nginxConfig(ground, 'upstream', 1, site)])
  return ground
}

/** The edge as `borgen up` runs it; `serverSocket` answers who is behind a name. */
export async function startBorgen(ground: Ground, dataDir: string): Promise<Contender> {
  const [port, httpPort] = [await freePort(), await freePort()]
  const uid = process.getuid?.() ?? 0
  const users = [
    'plane',
    'database',
    'ledger',
    'server',
    'worker',
    'prover',
    'edge',
    'warden',
    'instancesFrom',
  ]
  const boot = {
    process: 'edge',
    dataDir,
    codeDir: join(import.meta.dirname, '..'),
    nodePath: process.execPath,
    config: { worldId: 'bench', demo: true, ...domains, httpsPort: port, httpPort, bindAddress: '127.0.0.1' },
    uids: { distinct: false, ...Object.fromEntries(users.map((user) => [user, uid])) },
    secrets: { caCert: ground.ca.certPem, caKey: ground.ca.keyPem, edgeToken: 'bench', probeToken: 'bench' },
  }
  const bootPath = join(ground.folder, 'boot.json')
  writeFileSync(bootPath, JSON.stringify(boot), { mode: 0o600 })
  const entry = join(import.meta.dirname, '..', 'src', 'edge.ts')
  const pid = start(ground, 'sh', ['-c', `exec "${process.execPath}" "${entry}" 3<"${bootPath}"`])
  await untilUp(ground, port)
  return { name: 'borgen', port, pid }
}

export async function startCaddy(ground: Ground): Promise<Contender> {
  const port = await freePort()
  const path = join(ground.folder, 'Caddyfile')
  writeFileSync(
    path,
    `{
  admin off
  auto_https off
  servers {
    protocols h1 h2
  }
}
https://*.${zone}:${port} {
  bind 127.0.0.1
  tls ${ground.certPath} ${ground.keyPath} {
    protocols tls1.2 tls1.3
    curves x25519 secp256r1
  }
  header Strict-Transport-Security "${hsts}"
  @sink host ${hosts.sink}
  reverse_proxy @sink unix/${ground.sockets.sink}
  reverse_proxy unix/${ground.sockets.app}
}
`,
  )
  const home = ground.folder
  const env = { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
  const pid = start(ground, 'caddy', ['run', '--config', path, '--adapter', 'caddyfile'], env)
  await untilUp(ground, port)
  return { name: 'caddy', port, pid }
}

/** nginx as a streaming proxy: it would else gather whole bodies in files before it passes them on. */
export async function startNginx(ground: Ground): Promise<Contender> {
  const port = await freePort()
  const upstreams = Object.entries(ground.sockets).map(
    ([name, path]) => `upstream ${name} { server unix:${path}; keepalive 128; }`,
  )
  const servers = Object.entries(hosts).map(
    ([name, host]) => `server { listen 127.0.0.1:${port} ssl http2; server_name ${host};
location / { proxy_pass http://${name}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Host $host; } }`,
  )
  const site = `ssl_certificate ${ground.certPath}; ssl_certificate_key ${ground.keyPath}; ssl_protocols TLSv1.2 TLSv1.3;
ssl_ecdh_curve X25519:P-256; add_header Strict-Transport-Security "${hsts}" always;
client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;
${upstreams.join('\n')}\n${servers.join('\n')}`
  const pid = start(ground, 'nginx', ['-c', nginxConfig(ground, 'peer', 'auto', site)])
  await untilUp(ground, port)
  return { name: 'nginx', port, pid }
}

/** CPU seconds and memory (proportional, so that what processes share counts once) of a process and all below it. */
export function usageOf(pid: number): { cpuSeconds: number; pssMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const pss = /^Pss: +([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  const own = {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    pssMb: (Number(pss?.[1]) * 1024) / 1e6,
  }
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  for (const child of below === '' ? [] : below.split(' ')) {
    const more = usageOf(Number(child))
    own.cpuSeconds += more.cpuSeconds
    own.pssMb += more.pssMb
  }
  return own
}

/** Ends everything that was started, and waits until it has ended. */
export async function clear(ground: Ground): Promise<void> {
  for (const child of ground.children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}

function start(ground: Ground, command: string, args: string[], env: Record<string, string> = {}): number {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  })
  if (child.pid === undefined) throw new Error(`${command} does not start.`)
  ground.children.push(child)
  return child.pid
}

function nginxConfig(ground: Ground, name: string, workers: number | 'auto', site: string): string {
  const own = join(ground.folder, `nginx-${name}`)
  mkdirSync(own)
  const path = join(own, 'nginx.conf')
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = kinds.map((kind) => `${kind}_temp_path ${own}/${kind};`)
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  writeFileSync(
    path,
    `daemon off; pid ${own}/pid; error_log ${own}/error.log; worker_processes ${workers}; ${user}
events { worker_connections 8192; } http { access_log off; keepalive_requests 100000000; keepalive_timeout 600; ${temporary.join(' ')} ${site} }`,
  )
  return path
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address ? address.port : 0
}

async function untilUp(ground: Ground, port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const up = await new Promise<boolean>((resolve) => {
      const options = { port, host: '127.0.0.1', servername: hosts.app, ca: ground.ca.certPem }
      const socket = connect(options, () => {
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
