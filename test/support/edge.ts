import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { IssuedCertificate } from '../../src/drivers/certificates/contract/issuer.ts'
import { createLocalCa, openLocalIssuer } from '../../src/drivers/certificates/local/local-ca.ts'
import type { ActivityItem } from '../../src/edge/activity.ts'
import { zoneCertificates } from '../../src/edge/certificates.ts'
import { zonesOf } from '../../src/edge/host.ts'
import type { Limits } from '../../src/edge/limits.ts'
import { type Listeners, startListeners } from '../../src/edge/listeners.ts'
import { createServerLink } from '../../src/edge/server-link.ts'
import { systemClock } from '../../src/kernel/clock.ts'

export const domains = { planeDomain: 'borgen.localhost', appsDomain: 'apps.localhost' }
export const appHost = 'acme.eu-frankfurt.apps.localhost'
export const edgeToken = 'token of the edge'
export const probeToken = 'token of the probes'

export type Question = { host: string; wake: boolean; waitMs: number; refused: boolean }
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

/** A twin of the server: answers the edge's questions over a Unix socket, and everything else as the plane would. */
export type ServerTwin = {
  socketPath: string
  questions: Question[]
  reports: ActivityItem[]
  server: Server
}

/** An edge in this process with a twin of the server and of one instance, all on sockets in a folder of its own. */
export type EdgeUnderTest = {
  listeners: Listeners
  twin: ServerTwin
  folder: string
  caPem: string
  /** A certificate of the same authority, for another server. */
  issue(names: readonly string[]): Promise<IssuedCertificate>
  warnings: { message: string; fields: Record<string, unknown> }[]
  appSocket: string
  /** One request over HTTP/1.1 on a connection of its own. */
  request(options: RequestOptions & { body?: string | Buffer }): Promise<Answer>
  /** A TLS connection, its handshake done. */
  tls(options?: ConnectionOptions): Promise<TLSSocket>
  /** Sends bytes over TLS and gives all that comes until the edge closes. */
  raw(text: string | Buffer, servername?: string): Promise<string>
  http2(host?: string): ClientHttp2Session
  /** Starts an instance's application on its socket. */
  serveApp(listener: RequestListener): Promise<Server>
  /** The same in bare TCP: what the function writes is what the edge gets. */
  serveRaw(onConnection: (socket: Socket) => void): Promise<TcpServer>
  close(): Promise<void>
}

export async function startEdgeUnderTest(
  options: {
    resolve?: (question: Question, edge: { appSocket: string }) => unknown
    plane?: RequestListener
    limits?: Partial<Limits>
  } = {},
): Promise<EdgeUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-edge-'))
  const appSocket = join(folder, 'app.sock')
  const nowMs = systemClock.now()
  const ca = await createLocalCa({ domains: Object.values(domains), nowMs })
  const awake = () => ({ state: 'awake', instance: 'ins_1', socket: appSocket, activity: null })
  const twin = await startTwin(
    join(folder, 'server.sock'),
    async (question) => (options.resolve ? options.resolve(question, { appSocket }) : awake()),
    options.plane,
  )
  const certificates = await zoneCertificates(zonesOf(domains), {
    folder: join(folder, 'edge'),
    authority: 'test',
    issuer: () => openLocalIssuer(ca),
    nowMs,
  })
  const warnings: EdgeUnderTest['warnings'] = []
  const note = (message: string, fields: Record<string, unknown> = {}) => warnings.push({ message, fields })
  const listeners = await startListeners({
    domains,
    bindAddress: '127.0.0.1',
    httpsPort: 0,
    httpPort: 0,
    serverSocket: twin.socketPath,
    probeToken,
    certificates,
    ticketKeys: randomBytes(48),
    ask: createServerLink({ socketPath: twin.socketPath, token: edgeToken }).ask,
    clock: systemClock,
    logger: { info: note, warn: note, error: note },
    ...(options.limits ? { limits: options.limits } : {}),
  })
  const open: { close(): void }[] = []
  const edge: EdgeUnderTest = {
    listeners,
    twin,
    folder,
    caPem: ca.certPem,
    issue: async (names) => (await openLocalIssuer(ca)).issue(names, nowMs),
    warnings,
    appSocket,
    request: (asked) => request(listeners.httpsPort, ca.certPem, asked),
    tls: (asked) => openTls(listeners.httpsPort, ca.certPem, asked),
    async raw(text, servername = appHost) {
      const socket = await openTls(listeners.httpsPort, ca.certPem, { servername })
      socket.write(text)
      return readAll(socket)
    },
    http2(host = appHost) {
      const session = connectHttp2(`https://${host}:${listeners.httpsPort}`, {
        ca: ca.certPem,
        createConnection: () =>
          connectTls({
            port: listeners.httpsPort,
            host: '127.0.0.1',
            servername: host,
            ca: ca.certPem,
            ALPNProtocols: ['h2'],
          }),
      })
      session.on('error', () => {})
      open.push(session)
      return session
    },
    async serveApp(listener) {
      const server = createServer(listener)
      open.push({ close: () => server.close().closeAllConnections() })
      await listenAt(server, appSocket)
      return server
    },
    async serveRaw(onConnection) {
      const sockets = new Set<Socket>()
      const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
        sockets.add(socket)
        socket.on('error', () => {})
        onConnection(socket)
      })
      open.push({
        close: () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        },
      })
      await listenAt(server, appSocket)
      return server
    },
    async close() {
      for (const each of open) each.close()
      await listeners.close()
      twin.server.close()
      twin.server.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return edge
}

/** Starts a twin of the server: `resolve` gives what it answers to a question, null for a name it does not know. */
export async function startTwin(
  socketPath: string,
  resolve: (question: Question) => Promise<unknown>,
  plane: RequestListener = (incoming, response) =>
    response.end(JSON.stringify({ plane: true, url: incoming.url, headers: incoming.headers })),
): Promise<ServerTwin> {
  const questions: Question[] = []
  const reports: ActivityItem[] = []
  const server = createServer((incoming, response) => {
    if (!incoming.url?.startsWith('/internal/edge/')) return plane(incoming, response)
    if (incoming.headers.authorization !== `Bearer ${edgeToken}`) return response.writeHead(401).end()
    void bodyOf(incoming).then(async (text) => {
      const body = JSON.parse(text)
      if (incoming.url === '/internal/edge/activity') {
        reports.push(...body.items)
        response.writeHead(204).end()
        return
      }
      questions.push(body)
      const answer = await resolve(body)
      response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
    return undefined
  })
  await listenAt(server, socketPath)
  return { socketPath, questions, reports, server }
}

export async function listenAt(server: TcpServer, socketPath: string): Promise<void> {
  server.listen(socketPath)
  await once(server, 'listening')
}

export async function bodyOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Everything that comes until the other side closes. */
export function readAll(socket: Socket | TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

function openTls(port: number, ca: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', servername: appHost, ca, ...options }, () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function request(
  port: number,
  ca: string,
  asked: RequestOptions & { body?: string | Buffer },
): Promise<Answer> {
  const host = String(asked.servername ?? appHost)
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      {
        port,
        ca,
        agent: false,
        servername: host,
        ...asked,
        host: '127.0.0.1',
        headers: { host, ...(asked.headers as Record<string, string>) },
      },
      (response) => {
        bodyOf(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        )
      },
    )
    sent.on('error', reject)
    sent.end(asked.body)
  })
}
