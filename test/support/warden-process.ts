/** The warden's entry with the pool's size from outside, for tests that kill it. */
import { onShutdown, readBoot, reportReady } from '../../src/kernel/boot.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { startWarden } from '../../src/warden/warden.ts'

const warden = await startWarden(readBoot(), createLogger('warden'), { slots: Number(process.argv[2]) })
onShutdown(() => warden.close())
reportReady()
