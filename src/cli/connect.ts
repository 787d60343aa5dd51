import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ApiClient, createApiClient } from '../api-client/client.ts'
import { ApiProblem, isApiProblem } from '../api-client/problem.ts'
import { layout } from '../kernel/layout.ts'
import { CliFailure, EXIT, usageFailure } from './failure.ts'

const TOKEN = /^[A-Za-z0-9_-]{20,200}$/

type Whereabouts = { env: NodeJS.ProcessEnv; cwd: string; dataDir: string | undefined }

/**
 * The API that this command line and environment mean: BORGEN_URL with BORGEN_TOKEN (and BORGEN_CA), unless a data folder is named;
 * otherwise the world of a data folder on this machine, by its socket and its own token.
 */
export function connect({ env, cwd, dataDir }: Whereabouts): Promise<ApiClient> {
  if (dataDir === undefined && env.BORGEN_URL) return connectRemote(env.BORGEN_URL, env)
  return connectLocal(dataFolder({ env, cwd, dataDir }))
}

/** The data folder that is meant, as an absolute path; it need not exist. */
export function dataFolder({ env, cwd, dataDir }: Whereabouts): string {
  return resolve(cwd, dataDir ?? (env.BORGEN_DATA || '.borgen'))
}

async function connectRemote(address: string, env: NodeJS.ProcessEnv): Promise<ApiClient> {
  const origin = originOf(address)
  if (!env.BORGEN_TOKEN)
    throw new CliFailure(EXIT.refused, 'unauthenticated', 'BORGEN_URL is set but BORGEN_TOKEN is not.', {
      remedy: 'Set BORGEN_TOKEN to a token; who runs the server makes one with `borgen token create`.',
    })
  const token = checkedToken(env.BORGEN_TOKEN.trim(), 'BORGEN_TOKEN')
  const ca = env.BORGEN_CA ? readCa(env.BORGEN_CA) : undefined
  const api = await createApiClient({ place: { origin, ca }, token })
  return withRemedy(api, (error) =>
    CERTIFICATE_TROUBLE.test(String(causeCode(error)))
      ? 'If it is the right server, set BORGEN_CA to the file of its authority (ca.crt in its data folder).'
      : 'Check BORGEN_URL, and that the server runs.',
  )
}

const CERTIFICATE_TROUBLE = /CERT|SIGNATURE|TLS/

function originOf(address: string): string {
  const url = URL.parse(address)
  const isHere = url && /^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    throw usageFailure(
      'BORGEN_URL is not an address the CLI can use.',
      'Set it to https://…; http:// is taken for this machine alone, because the token would be readable on the way.',
    )
  if (url.pathname !== '/' || url.search || url.username)
    throw usageFailure('BORGEN_URL holds more than an origin.', `Set it to ${url.origin}.`)
  return url.origin
}

function readCa(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch {
    // Said below.
  }
  throw usageFailure(`BORGEN_CA names no certificate: ${file}`, 'Set it to a PEM file that can be read.')
}

async function connectLocal(folder: string): Promise<ApiClient> {
  const token = readToken(folder)
  const api = await createApiClient({ place: { socketPath: layout.serverSocket(folder) }, token })
  return withRemedy(api, (error) =>
    causeCode(error) === 'EACCES'
      ? 'Run the command as the user who started Borgen, or set BORGEN_URL and BORGEN_TOKEN.'
      : `Start it with \`borgen up --data ${folder}\`.`,
  )
}

function readToken(folder: string): string {
  const file = layout.cliToken(folder)
  try {
    return checkedToken(readFileSync(file, 'utf8').trim(), file)
  } catch (cause) {
    if (cause instanceof CliFailure) throw cause
    if (isDenied(cause))
      throw new CliFailure(
        EXIT.refused,
        'forbidden',
        `The token of this world is not yours to read: ${file}`,
        {
          remedy: 'Run the command as the user who started Borgen, or set BORGEN_URL and BORGEN_TOKEN.',
          cause,
        },
      )
    if (existsSync(layout.config(folder)))
      throw new CliFailure(
        EXIT.unknown,
        'unreachable',
        `The world in ${folder} has not been started to the end yet.`,
        {
          remedy: `Wait until \`borgen up\` says that it is ready, or start it: \`borgen up --data ${folder}\`.`,
          cause,
        },
      )
    throw new CliFailure(EXIT.unknown, 'unreachable', `There is no Borgen world in ${folder}.`, {
      remedy:
        'Start one with `borgen up`, or name its folder with --data DIR, or another machine’s with BORGEN_URL.',
      cause,
    })
  }
}

function checkedToken(token: string, from: string): string {
  if (TOKEN.test(token)) return token
  throw new CliFailure(EXIT.refused, 'unauthenticated', `What ${from} holds is not a token.`, {
    remedy: 'Take the token as `borgen token create` shows it.',
  })
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')
}

function causeCode({ cause }: ApiProblem): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** The same client, whose failed connections name the remedy of this place. */
function withRemedy(api: ApiClient, remedyFor: (error: ApiProblem) => string): ApiClient {
  const explain = (error: unknown): never => {
    if (!isApiProblem(error, 'unreachable') || error.cause === undefined) throw error
    const explained = { ...error.problem, remedy: remedyFor(error) }
    if (isDenied(error.cause)) {
      const { code, detail, remedy } = { ...explained, code: 'forbidden' }
      throw new CliFailure(EXIT.refused, code, detail, { remedy, cause: error })
    }
    throw new ApiProblem(explained, { cause: error.cause })
  }
  return {
    get: (...asked) => api.get(...asked).catch(explain),
    post: (...asked) => api.post(...asked).catch(explain),
    delete: (...asked) => api.delete(...asked).catch(explain),
    stream: (asked) => api.stream(asked).catch(explain),
  }
}
