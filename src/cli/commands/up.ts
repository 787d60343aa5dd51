import { writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { YamlProblem } from '../../kernel/yaml.ts'
import type { ReadyWorld } from '../../supervisor/run-up.ts'
import type { CliCommand, Session } from '../command.ts'
import { dataFolder } from '../connect.ts'
import { notEmpty } from '../option-values.ts'
import { printProblems, yamlFailure } from '../yaml-file.ts'

type Options = {
  demo?: boolean
  systemPackages: boolean
  httpsPort?: string
  httpPort?: string
  bind?: string
  planeDomain?: string
  appsDomain?: string
  overview?: string
  witness?: string[]
}

export const command: CliCommand<Options> = {
  description:
    'Bring a world up on this machine and stay with it; Ctrl-C stops everything. Started again it goes on where it was. What holds a secret comes from the environment: BORGEN_DATABASE_URL, for a PostgreSQL of your own.',
  options: [
    new Option('--demo', 'a demo world: two customers of a small CRM'),
    new Option('--https-port <port>', 'where HTTPS is served (8443; 0 for any free one); kept'),
    new Option('--http-port <port>', 'where HTTP leads to HTTPS (8080; 0 for any free one); kept'),
    new Option('--bind <address>', 'address to listen on (127.0.0.1); kept'),
    new Option('--plane-domain <domain>', 'of the console (borgen.localhost); fixed at the first start'),
    new Option('--apps-domain <domain>', 'of the instances (apps.localhost); fixed at the first start'),
    new Option(
      '--witness <url=key...>',
      'a witness elsewhere that cosigns the log (see docs/witness.md); kept',
    ),
    new Option(
      '--overview <file>',
      'the overview.yaml that is proposed (overview.yaml in the checkout); it must be without problems',
    ).argParser(notEmpty),
    new Option(
      '--no-system-packages',
      'never install a package of the system, even if bubblewrap is missing',
    ),
  ],
  examples: [
    'borgen up --demo',
    'borgen up --data /srv/borgen --https-port 443 --http-port 80 --bind 0.0.0.0',
  ],
  async run(session, options) {
    const { env, cwd } = session.surroundings
    const { checkUpOptions } = await import('../../supervisor/options.ts')
    const checked = checkUpOptions({
      ...options,
      overview: options.overview === undefined ? undefined : resolve(cwd, options.overview),
      bind: undefined,
      bindAddress: options.bind,
      dataDir: dataFolder({ env, cwd, dataDir: session.dataDir }),
      databaseUrl: env.BORGEN_DATABASE_URL || undefined,
    })
    // stdout is for the one document: what is said meanwhile goes to stderr.
    if (session.json) Object.defineProperty(process, 'stdout', { value: process.stderr, configurable: true })
    const { runUp } = await import('../../supervisor/run-up.ts')
    await runUp(checked, session.json ? { afterReady: announceAsJson } : undefined).catch(
      (error: unknown) => {
        throw withProblems(session, error)
      },
    )
    return undefined
  },
}

/** An overview with problems, each printed with its line; anything else as it is. */
function withProblems(session: Session, error: unknown): unknown {
  const detail =
    error instanceof Error && 'detail' in error ? (error.detail as { problems?: unknown }) : undefined
  if (!Array.isArray(detail?.problems)) return error
  const problems = detail.problems as YamlProblem[]
  printProblems(session, problems)
  return yamlFailure('bad_overview', 'overview', problems)
}

/** Writes where the world is reached, once it is ready, past what stands in the place of stdout. */
async function announceAsJson(world: ReadyWorld): Promise<string[]> {
  const { greetOperator } = await import('../../supervisor/after-ready.ts')
  const lines = await greetOperator(world)
  const { worldId, demo, planeDomain, httpsPort } = world.config
  const urlOf = (name: string) => `https://${name}.${planeDomain}${httpsPort === 443 ? '' : `:${httpsPort}`}/`
  const ready = {
    world: { id: worldId, demo },
    console: urlOf('console'),
    portal: urlOf('portal'),
    trust: urlOf('trust'),
    lines,
  }
  writeSync(1, `${JSON.stringify(ready, null, 2)}\n`)
  return lines
}
