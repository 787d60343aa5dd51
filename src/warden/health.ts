import { lstatSync } from 'node:fs'
import { request } from 'node:http'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openPlantedSocket } from '../kernel/planted-socket.ts'

const pauseMs = 4
const answerLimitMs = 5000

/**
 * Asks the health path until it answers 2xx where the edge can ask it too, `stopped` settles or the time is over.
 * Undefined when it is healthy, otherwise why not. `edgeGid` is the edge's group where that is another than ours.
 */
export async function waitUntilHealthy(
  socket: string,
  path: string,
  limitMs: number,
  stopped: Promise<string>,
  edgeGid?: number,
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
    if (typeof status === 'number' && status >= 200 && status < 300) {
      const closed = edgeGid === undefined ? undefined : closedTo(edgeGid, socket)
      if (closed === undefined) return undefined
      last = `it let nobody else connect: ${closed}`
    } else if (typeof status === 'number') last = `it answered ${status} on ${path}`
    await delay(pauseMs)
  }
  return `after ${Math.round(limitMs / 1000)} s ${last}`
}

/** Why somebody of this group alone cannot connect. Asking tells root nothing, since root always can. */
function closedTo(gid: number, socket: string): string | undefined {
  for (const [path, needed, what] of [
    [dirname(socket), 0o1, 'the folder of its socket'],
    [socket, 0o2, 'its socket'],
  ] as const) {
    const { mode, gid: group } = lstatSync(path, { throwIfNoEntry: false }) ?? { mode: 0, gid: -1 }
    const given = group === gid ? mode >> 3 : mode
    if ((given & needed) === 0) return `${what} has mode ${(mode & 0o777).toString(8)} and group ${group}`
  }
  return undefined
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
