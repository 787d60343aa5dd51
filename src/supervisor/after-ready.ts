import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { unixRequest } from '../kernel/unix-request.ts'
import { writeDurably } from './durable-file.ts'

const OPERATOR = { email: 'operator@borgen.localhost', name: 'Operator', role: 'owner' } as const
const TOKEN_DAYS = 366

type World = { dataDir: string; setupToken: string; config: { demo: boolean } }

/**
 * Once everything runs: a one-time sign-in link for the operator, the token of the local CLI, and in the demo world its two
 * customers. Returns lines for the screen.
 */
export async function greetOperator(world: World): Promise<string[]> {
  const link = await ask(world, '/v1/people/sign-in-links', OPERATOR, z.object({ url: z.string() }))
  const tokenFile = layout.cliToken(world.dataDir)
  if (!existsSync(tokenFile)) {
    const body = { name: 'CLI on this machine', scopes: ['*'], role: 'owner', days: TOKEN_DAYS }
    const { token } = await ask(world, '/v1/tokens', body, z.object({ token: z.string() }))
    writeDurably(tokenFile, `${token}\n`, 0o600)
  }
  const demo = world.config.demo ? await seedDemo(world) : []
  return [...demo, `Sign in (works once): ${link.url}`]
}

async function ask<Answer>(
  world: World,
  path: string,
  body: unknown,
  answer: z.ZodType<Answer>,
): Promise<Answer> {
  const response = await unixRequest({
    socketPath: layout.serverSocket(world.dataDir),
    method: 'POST',
    path,
    headers: { authorization: `Bearer ${world.setupToken}` },
    body,
  })
  if (response.status !== 201)
    throw new AppError('unavailable', `The server answered ${response.status} to ${path}.`, {
      remedy: `See ${layout.log(world.dataDir, 'server')}.`,
      cause: response.body.toString(),
    })
  return answer.parse(JSON.parse(response.body.toString()))
}

async function seedDemo(world: World): Promise<string[]> {
  const entry = join(import.meta.dirname, '..', 'demo', 'main.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', entry],
    {
      env: { ...process.env, BORGEN_DATA: world.dataDir },
    },
  )
  return stdout.trim().split('\n')
}
