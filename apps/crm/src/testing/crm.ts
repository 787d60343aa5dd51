import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { type RunningServer, startServer } from '../server.ts'
import { type Cluster, startCluster } from './postgres.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects of an answer
export type Answer = { status: number; body: any; headers: Headers; text: string }

export type Caller = {
  token: string | null
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body: unknown): Promise<Answer>
  delete(path: string): Promise<Answer>
  upload(
    path: string,
    content: string | Uint8Array<ArrayBuffer>,
    name: string,
    fields?: Record<string, string>,
  ): Promise<Answer>
}

export type TestCrm = {
  server: RunningServer
  cluster: Cluster
  databaseUrl: string
  filesDir: string
  lines: string[]
  admin: Caller
  anonymous: Caller
  /** A signed-in member made through an invitation. */
  member(name?: string): Promise<Caller & { id: string }>
  sql(text: string): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' }

export async function startCrm(env: Environment = {}, shared?: Cluster): Promise<TestCrm> {
  const cluster = shared ?? (await startCluster())
  const databaseUrl = env.DATABASE_URL ?? (await cluster.createDatabase())
  const filesDir = env.FILES_DIR ?? mkdtempSync(join(tmpdir(), 'crm-files-'))
  const lines: string[] = []
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    FILES_DIR: filesDir,
    PORT: '0',
    CRM_BOOTSTRAP_EMAIL: ADMIN.email,
    CRM_BOOTSTRAP_PASSWORD: ADMIN.password,
    ...env,
  })
  const server = await startServer(
    config,
    createLog((line) => lines.push(line)),
  )
  await server.app.readiness.data
  const caller = (token: string | null) => createCaller(server.address, token)
  const anonymous = caller(null)
  const admin = caller(config.bootstrap ? await signIn(anonymous, ADMIN) : null)

  return {
    server,
    cluster,
    databaseUrl,
    filesDir,
    lines,
    admin,
    anonymous,
    async member(name = 'Maja Member') {
      const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`
      const invited = await admin.post('/api/users', { name, email, role: 'member' })
      const accepted = await anonymous.post('/api/accept-invite', {
        token: invited.body.inviteToken,
        password: 'a long enough password',
      })
      return { ...caller(accepted.body.token), id: invited.body.id }
    },
    sql: (text) => cluster.query(databaseUrl, text),
    async stop() {
      await server.stop()
      if (!shared) await cluster.stop()
      rmSync(filesDir, { recursive: true, force: true })
    },
  }
}

export async function signIn(
  caller: Caller,
  credentials: { email: string; password: string },
): Promise<string> {
  const answer = await caller.post('/api/sign-in', credentials)
  if (answer.status !== 200) throw new Error(`sign-in: ${answer.text}`)
  return answer.body.token
}

export function createCaller(address: string, token: string | null): Caller {
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(address + path, { redirect: 'manual', ...init })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      text,
      body: isJson ? JSON.parse(text) : null,
      headers: response.headers,
    }
  }
  const call: Caller['call'] = (method, path, body, headers = {}) =>
    send(path, {
      method,
      headers: {
        ...authorization,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  return {
    token,
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    upload: (path, content, name, fields = {}) => {
      const form = new FormData()
      for (const [key, value] of Object.entries(fields)) form.set(key, value)
      form.set('file', new Blob([content], { type: 'text/html' }), name)
      return send(path, { method: 'POST', headers: authorization, body: form })
    },
  }
}
