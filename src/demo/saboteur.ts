import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { onShutdown, readBoot, reportReady, secretOf } from '../kernel/boot.ts'
import { systemClock } from '../kernel/clock.ts'
import { listenUnix } from '../kernel/http.ts'
import { layout } from '../kernel/layout.ts'
import { createLogger } from '../kernel/log.ts'
import { SABOTAGES } from './sabotages.ts'
import { createSaboteur } from './saboteur-server.ts'

/*
 * The saboteur: breaks, in a demo world, what a person asked to see broken, and mends it. It changes the world as a careless or
 * hostile administrator would, and tells nobody: whether a proof notices is what is shown.
 */
const boot = readBoot()
// The supervisor starts it in demo worlds alone; this is the second lock on the same door.
if (!boot.config.demo) throw new Error('There is no saboteur outside a demo world.')
const logger = createLogger(boot.process)
const { dataDir, codeDir, nodePath, config, uids } = boot
const world = {
  dataDir,
  codeDir,
  nodePath,
  config,
  uids,
  secret: (name: string) => secretOf(boot, name),
  nowMs: () => systemClock.now(),
}

const folder = layout.run(dataDir, 'saboteur')
mkdirSync(folder, { recursive: true, mode: 0o700 })
if (uids.distinct) {
  chownSync(folder, 0, uids.plane)
  chmodSync(folder, 0o2750)
}
const { app, idle } = createSaboteur({
  world,
  sabotages: SABOTAGES,
  tokenSha256: secretOf(boot, 'saboteurTokenSha256'),
  logger,
})
await listenUnix(app, layout.saboteurSocket(dataDir), 0o660)
onShutdown(async () => {
  await app.close()
  await idle()
})
reportReady()
