import { onShutdown, readBoot, reportReady } from './kernel/boot.ts'
import { createLogger } from './kernel/log.ts'
import { startWarden } from './warden/warden.ts'

const logger = createLogger('warden')
const warden = await startWarden(readBoot(), logger)
onShutdown(() => warden.close())
reportReady()
