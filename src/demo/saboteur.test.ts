import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestSaboteur } from '../../test/support/saboteur.ts'
import { createLocalCa, type LocalCa, openLocalIssuer } from '../drivers/certificates/local/local-ca.ts'
import { fingerprint, zoneCertificates } from '../edge/certificates.ts'
import { systemClock } from '../kernel/clock.ts'
import { layout } from '../kernel/layout.ts'
import { unixRequest } from '../kernel/unix-request.ts'
import type { SaboteurClient } from './saboteur-client.ts'

const DAY_MS = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'bsab-'))
const zones = ['borgen.localhost', 'uk.apps.localhost']
const config = {
  worldId: 'w',
  demo: true,
  planeDomain: 'borgen.localhost',
  appsDomain: 'apps.localhost',
  httpsPort: 8443,
  httpPort: 8080,
  bindAddress: '127.0.0.1',
}
let ca: LocalCa
let saboteur: SaboteurClient
let stop: () => Promise<void>

before(async () => {
  ca = await createLocalCa({ domains: ['borgen.localhost', 'apps.localhost'], nowMs: systemClock.now() })
  const secrets = { caCert: ca.certPem, caKey: ca.keyPem }
  ;({ client: saboteur, stop } = await startTestSaboteur(folder, config, secrets))
})
after(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What the edge would serve now, as it finds it in its folder. */
const served = () =>
  zoneCertificates(zones, {
    folder: layout.edge(folder),
    authority: fingerprint(ca.certPem),
    issuer: () => openLocalIssuer(ca),
    nowMs: systemClock.now(),
  })
const daysLeft = async () => {
  const { X509Certificate } = await import('node:crypto')
  return (await served()).map(({ certPem }) =>
    Math.round((Date.parse(new X509Certificate(certPem).validTo) - systemClock.now()) / DAY_MS),
  )
}

test('broken TLS is certificates that end in three days, which the edge takes; mended, it makes itself new ones', async () => {
  assert.deepEqual(await daysLeft(), [90, 90])
  assert.deepEqual((await saboteur.state()).broken, [])
  for (const _ of ['once', 'and again']) {
    assert.deepEqual(await saboteur.tell('break', 'tls'), { state: 'done' })
    assert.deepEqual([(await saboteur.state()).broken, await daysLeft()], [['tls'], [3, 3]])
  }
  for (const _ of ['once', 'and again']) {
    assert.deepEqual(await saboteur.tell('mend', 'tls'), { state: 'done' })
    assert.deepEqual((await saboteur.state()).broken, [])
  }
  assert.deepEqual(await daysLeft(), [90, 90])
  assert.equal(readdirSync(layout.edge(folder)).length, zones.length, 'nothing else is left behind')
})

test('it takes two words and a closed list of targets, from whoever knows its token', async () => {
  const socketPath = join(folder, 'saboteur.sock')
  for (const path of ['/state', '/break/tls'])
    assert.equal(
      (await unixRequest({ socketPath, method: path === '/state' ? 'GET' : 'POST', path })).status,
      401,
    )
  await assert.rejects(saboteur.tell('break', '../../etc' as 'tls'), /./)
  await assert.rejects(saboteur.tell('burn' as 'break', 'tls'), /./)
})
