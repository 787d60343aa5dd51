import { systemClock } from '../kernel/clock.ts'
import { createLogger } from '../kernel/log.ts'
import { type Listeners, startListeners } from './listeners.ts'
import { type FromWorker, type ToWorker, toWorkerSchema } from './messages.ts'
import { createServerLink } from './server-link.ts'

/** How often the first process hears of use. */
const activityEveryMs = 1_000

const logger = createLogger('edge-worker')
let listeners: Listeners | null = null

const tell = (message: FromWorker) => process.send?.(message)

async function start(order: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  const { ask } = createServerLink({ socketPath: order.serverSocket, token: order.edgeToken })
  const started = await startListeners({
    ...order,
    ticketKeys: Buffer.from(order.ticketKeys, 'hex'),
    ask,
    clock: systemClock,
    logger,
  })
  listeners = started
  setInterval(() => tellActivity(started), activityEveryMs)
  tell({ kind: 'ready' })
}

function tellActivity(started: Listeners): void {
  const items = started.activity.takeNews()
  if (items.length > 0) tell({ kind: 'activity', items })
}

async function stop(): Promise<void> {
  if (listeners) {
    await listeners.close()
    tellActivity(listeners)
  }
  process.disconnect()
}

// The first process says when to stop; a terminal's Ctrl-C reaches the workers too.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('message', (raw) => {
  const order = toWorkerSchema.parse(raw)
  const failed = (error: unknown) => {
    logger.error(`${order.kind} failed`, { error })
    process.exit(1)
  }
  if (order.kind === 'start') start(order).catch(failed)
  else if (order.kind === 'certificates') listeners?.useCertificates(order.certificates)
  else if (order.kind === 'tickets') listeners?.useTicketKeys(Buffer.from(order.ticketKeys, 'hex'))
  else stop().catch(failed)
})
