import { readFileSync } from 'node:fs'

export type Listen = { socket: string } | { port: number; host: string }

export type Config = {
  databaseUrl: string
  filesDir: string
  listen: Listen
  publicUrl: URL | null
  bootstrap: { email: string; password: string } | null
  /** What the company is called until an administrator says otherwise. */
  companyName: string | null
  demo: 'nordwind' | 'harbour' | null
  maxUploadBytes: number
}

export type Environment = Record<string, string | undefined>

const MIB = 1024 * 1024

export class ConfigError extends Error {}

/** Reads the whole configuration, or throws one error that lists everything that is wrong with it. */
export function readConfig(env: Environment): Config {
  const wrong: string[] = []
  const required = (name: string, example: string): string => {
    const value = env[name]
    if (!value) wrong.push(`${name} is missing; for example ${name}=${example}`)
    return value ?? ''
  }
  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    wrong.push(`${name} is "${text}", expected a whole number from ${min} to ${max}`)
    return fallback
  }

  const config: Config = {
    databaseUrl: required('DATABASE_URL', 'postgres://crm@localhost/crm'),
    filesDir: required('FILES_DIR', './files'),
    listen: env.SOCKET_PATH
      ? { socket: env.SOCKET_PATH }
      : { port: integer('PORT', 3000, 0, 65535), host: env.HOST || '127.0.0.1' },
    publicUrl: readUrl(env, wrong),
    bootstrap: readBootstrap(env, wrong),
    companyName: env.CRM_COMPANY_NAME?.trim().slice(0, 200) || null,
    demo: readDemo(env, wrong),
    maxUploadBytes: integer('MAX_UPLOAD_MIB', 25, 1, 2048) * MIB,
  }
  if (config.databaseUrl && !/^postgres(ql)?:\/\//.test(config.databaseUrl)) {
    wrong.push('DATABASE_URL must begin with postgres://')
  }
  if (wrong.length > 0) throw new ConfigError(wrong.join('; '))
  return config
}

function readUrl(env: Environment, wrong: string[]): URL | null {
  if (!env.PUBLIC_URL) return null
  const url = URL.parse(env.PUBLIC_URL)
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url
  wrong.push(`PUBLIC_URL is "${env.PUBLIC_URL}", expected something like https://crm.example.com`)
  return null
}

function readBootstrap(env: Environment, wrong: string[]): Config['bootstrap'] {
  const email = env.CRM_BOOTSTRAP_EMAIL
  if (!email) return null
  const password = env.CRM_BOOTSTRAP_PASSWORD ?? readSecret(env.CRM_BOOTSTRAP_PASSWORD_FILE, wrong)
  if (!password) {
    wrong.push('CRM_BOOTSTRAP_EMAIL needs CRM_BOOTSTRAP_PASSWORD or CRM_BOOTSTRAP_PASSWORD_FILE')
    return null
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) wrong.push('CRM_BOOTSTRAP_EMAIL is not an e-mail address')
  if (password.length < 8) wrong.push('the bootstrap password is shorter than 8 characters')
  return { email: email.toLowerCase(), password }
}

function readSecret(path: string | undefined, wrong: string[]): string | undefined {
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    wrong.push('CRM_BOOTSTRAP_PASSWORD_FILE cannot be read')
    return undefined
  }
}

function readDemo(env: Environment, wrong: string[]): Config['demo'] {
  const variant = env.CRM_DEMO_VARIANT || 'nordwind'
  if (variant !== 'nordwind' && variant !== 'harbour') {
    wrong.push(`CRM_DEMO_VARIANT is "${variant}", expected nordwind or harbour`)
    return null
  }
  return env.CRM_DEMO === '1' || env.CRM_DEMO === 'true' ? variant : null
}
