import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  addRelease,
  addScript,
  ask,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../../test/support/instances.ts'
import type { InstanceDriver } from '../drivers/instances/contract/instance.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'

const perlServer = `use Socket;
socket(my $server, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, pack_sockaddr_in($ENV{WEB_PORT}, INADDR_LOOPBACK)) or die "bind: $!";
listen($server, 10);
while (accept(my $client, $server)) {
  my $line = <$client>;
  while (my $header = <$client>) { last if $header =~ /^\\r?\\n$/ }
  my $body = '{"language":"perl"}';
  syswrite($client, "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body");
  close $client;
}
`

const nodeScript = `#!/usr/bin/env node
require('node:http').createServer((request, answer) => {
  answer.end(JSON.stringify({ peer: request.socket.remoteAddress, options: process.env.NODE_OPTIONS }))
}).listen({ port: process.env.PORT, host: '0.0.0.0' }, () => console.log('listens'))
`

// As docs/app-manifest.md promises.
const trustedExtensions =
  'btree_gin btree_gist citext cube fuzzystrmatch hstore intarray ltree pg_trgm pgcrypto seg tablefunc unaccent uuid-ossp'.split(
    ' ',
  )

describe('programs that only know TCP ports', () => {
  let driver: InstanceDriver
  let warden: TestWarden
  let dataDir: string
  let dispose: () => Promise<void>

  before(async () => {
    const world = await makeWorld()
    dataDir = world.boot.dataDir
    dispose = world.dispose
    warden = await startTestWarden(world.boot, { slots: 1 })
    driver = createLocalInstanceDriver({ dataDir })
  })
  after(async () => {
    await warden.close()
    await dispose()
  })

  test('a node program listens on the socket without knowing', async () => {
    const spec = specOf(await addRelease(dataDir, 'tiny'), { listen: { port: 4242 } })
    const { socket } = await driver.writer.start(spec)
    await ask(socket, '/visit?note=x')
    assert.deepEqual((await ask(socket, '/visits')).body, { notes: ['x'], file: 'x' })
    await driver.writer.destroy(spec.instance)
  })

  test('a program that knows its database by a port only, in words of its own, is given one', async () => {
    const spec = specOf(await addRelease(dataDir, 'tiny'), {
      listen: { port: 4242 },
      databasePort: 5433,
      environment: {
        DATABASE_URL: [
          'postgresql://',
          { database: 'user' },
          ':',
          { database: 'password' },
          '@',
          { database: 'host' },
          ':',
          { database: 'port' },
          '/',
          { database: 'name' },
          '?application_name=',
          { filled: 'own' },
        ],
      },
    })
    const { socket } = await driver.writer.start(spec)
    await ask(socket, '/visit?note=x')
    assert.deepEqual((await ask(socket, '/visits')).body, { notes: ['x'], file: 'x' })
    await driver.writer.destroy(spec.instance)
  })

  test('the owner of a database can add the extensions that PostgreSQL trusts', async () => {
    const spec = specOf(await addRelease(dataDir, 'extensions'), {
      health: '/',
      environment: { EXTENSIONS: trustedExtensions.join(' ') },
    })
    const { socket } = await driver.writer.start(spec)
    assert.deepEqual((await ask(socket, '/')).body, ['plpgsql', ...trustedExtensions].sort())
    await driver.writer.destroy(spec.instance)
  })

  test('a script that asks for node by its first line does too, and sees a peer', async () => {
    const release = await addScript(dataDir, 'serve', nodeScript, 0o755)
    const spec = specOf(release, { start: ['./serve'], listen: { port: 80 }, database: 'none', health: '/' })
    const { socket } = await driver.writer.start(spec)
    const { body } = await ask(socket, '/')
    assert.equal((body as { peer: string }).peer, '127.0.0.1')
    await driver.writer.destroy(spec.instance)
  })

  test('any other program is reached through a relay, which ends with it', async () => {
    const release = await addScript(dataDir, 'serve.pl', perlServer)
    const spec = specOf(release, {
      start: ['perl', 'serve.pl'],
      listen: { port: 9090, env: 'WEB_PORT' },
      database: 'none',
      health: '/',
    })
    const { socket } = await driver.writer.start(spec)
    assert.deepEqual((await ask(socket, '/')).body, { language: 'perl' })
    assert.deepEqual(
      (await driver.reader.observe(spec.instance))?.processes.map(({ role }) => role),
      ['app'],
    )
    await driver.writer.stop(spec.instance)
    assert.deepEqual(warden.processesOf(spec.instance), [])
    await driver.writer.destroy(spec.instance)
  })

  test('a relay that accepts before its program listens is not taken for health', async () => {
    const release = await addScript(dataDir, 'never.pl', 'print STDERR "gives up\\n"; sleep 1; exit 4')
    const spec = specOf(release, { start: ['perl', 'never.pl'], listen: { port: 9090 }, database: 'none' })
    await assert.rejects(driver.writer.start(spec), /exit code 4/)
    await driver.writer.destroy(spec.instance)
  })
})
