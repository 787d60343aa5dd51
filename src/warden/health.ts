import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { openPlantedSocket } from '../kernel/planted-socket.ts'

const pauseMs = 4
const answerLimitMs = 5000

/**
 * Asks the health path until it answers 2xx, `stopped` settles or the time is over. Undefined when it is healthy,
 * otherwise why not.
 */
export async function waitUntilHealthy(
  socket: string,
  path: string,
  limitMs: number,
  stopped: Promise<string>,
): Promise<string | undefined> {
  const deadline = performance.now() + limitMs
  let ended: string | undefined
  void stopped.then((how) => {
    ended = how
  })
  let last = 'it never listened'
  while (performance.now() < deadline) {
    if (ended !== undefined) return `it ${ended}`
    const status = await askOnce(socket, path)
    if (typeof status === 'number' && status >= 200 && status < 300) return undefined
    if (typeof status === 'number') last = `it answered ${status} on ${path}`
    await delay(pauseMs)
  }
  return `after ${Math.round(limitMs / 1000)} s ${last}`
}

/** The status of one GET over the instance's own socket; undefined when nobody answers. */
async function askOnce(socket: string, path: string): Promise<number | undefined> {
  const planted = openPlantedSocket(socket)
  if (planted.kind !== 'socket') return undefined
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const asked = request({
    socketPath: planted.path,
    path,
    headers: { host: 'localhost', connection: 'close' },
    timeout: answerLimitMs,
  })
  asked.on('response', (answer) => {
    answer.resume()
    resolve(answer.statusCode)
    asked.destroy()
  })
  asked.on('timeout', () => asked.destroy())
  asked.on('error', () => resolve(undefined))
  asked.on('close', () => resolve(undefined))
  asked.end()
  try {
    return await promise
  } finally {
    planted.close()
  }
}
