import { unlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import type { App } from './app.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database.ts'
import { handleRequest } from './http/handle.ts'
import type { Log } from './log.ts'
import { prepare } from './readiness.ts'

export type RunningServer = {
  app: App
  /** Where it listens: a URL, or the path of the socket. */
  address: string
  stop(): Promise<void>
}

/** Listens first and prepares meanwhile, so that the first request waits no longer than it must. */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const database = openDatabase(config.databaseUrl, log)
  const readiness = prepare(config, database, log)
  const app: App = { config, database, log, readiness, setupCode: null }
  const server = createServer({ requestTimeout: 300_000, headersTimeout: 15_000 }, (request, response) => {
    void handleRequest(app, request, response)
  })
  server.keepAliveTimeout = 65_000

  await listen(server, config)
  const address = addressOf(server)
  log.event('listening', { address })
  readiness.schema.then(
    () => log.event('ready', { ms: Math.round(performance.now()) }),
    () => undefined,
  )
  readiness.data.then(
    () => announceSetup(app),
    () => undefined,
  )

  return {
    app,
    address,
    async stop() {
      readiness.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const force = setTimeout(() => server.closeAllConnections(), 10_000)
      await closed
      clearTimeout(force)
      await database.close()
    },
  }
}

async function announceSetup(app: App): Promise<void> {
  if (!app.readiness.isFirstRun()) return
  const { createSetupCode } = await import('./auth/setup-code.ts')
  app.setupCode = createSetupCode()
  app.log.event('setup.code', { code: app.setupCode, open: '/app/setup' })
}

async function listen(server: Server, { listen }: Config): Promise<void> {
  const attempt = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen('socket' in listen ? { path: listen.socket } : listen, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    await attempt()
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!inUse || !('socket' in listen) || (await answers(listen.socket))) throw error
    // Nobody is behind the socket: a killed process left it.
    await unlink(listen.socket)
    await attempt()
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function addressOf(server: Server): string {
  const address = server.address()
  if (typeof address === 'string') return address
  const host = address?.family === 'IPv6' ? `[${address.address}]` : address?.address
  return `http://${host}:${address?.port}`
}
