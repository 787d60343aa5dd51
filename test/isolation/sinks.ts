import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Addresses that instances must not reach; here they are planted on this network namespace's own loopback. */
export const planted = {
  metadata: { host: '169.254.169.254', port: 80 },
  dns: { host: '192.0.2.53', port: 53 },
  elsewhere: { host: '198.51.100.10', port: 443 },
  loopback: { host: '127.0.0.1', port: 8321 },
  loopback6: { host: '::1', port: 8322 },
} as const
export const abstractName = 'borgen-probe-sink'

export type Sinks = { reachedBy(name: string): number; close(): void }

/**
 * Plants listeners on all of them, each answering a greeting. Refuses to run anywhere but in a network namespace
 * without a single way out, so that nothing sent to these addresses can leave the machine.
 */
export async function plantSinks(unixPaths: string[]): Promise<Sinks> {
  const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).trim().split('\n')
  if (links.length !== 1 || !links[0]?.includes(' lo: '))
    throw new Error('Only in a network namespace of its own.')
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  for (const { host } of [planted.metadata, planted.dns, planted.elsewhere]) {
    execFileSync('ip', ['address', 'add', `${host}/32`, 'dev', 'lo'])
  }
  const counts = new Map<string, number>()
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1)
  const servers = await Promise.all([
    ...Object.entries(planted)
      .filter(([name]) => name !== 'dns')
      .map(([name, { host, port }]) => listen(name, { host, port })),
    listen('abstract', { path: `\0${abstractName}` }),
    ...unixPaths.map((path) => listen(path, { path })),
  ])
  const dns = createSocket('udp4', (_, from) => {
    count('dns')
    dns.send('answer', from.port, from.address)
  })
  dns.bind(planted.dns.port, planted.dns.host)
  await once(dns, 'listening')

  async function listen(name: string, at: { host: string; port: number } | { path: string }) {
    const server = createServer((socket) => {
      count(name)
      socket.on('error', () => {})
      socket.end('hello')
    })
    server.listen(
      'path' in at && at.path.startsWith('/') ? { ...at, writableAll: true, readableAll: true } : at,
    )
    await once(server, 'listening')
    return server
  }
  return {
    reachedBy: (name) => counts.get(name) ?? 0,
    close() {
      for (const server of servers) server.close()
      dns.close()
    },
  }
}
