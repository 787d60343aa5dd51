import { join } from 'node:path'
import { layout } from '../kernel/layout.ts'
import type { PreparedWorld } from './prepare-world.ts'
import { seconds } from './screen.ts'
import { shellWord } from './shell-word.ts'

/** Prints where a running world is reached, how to trust its certificates, and what the machine cannot give. */
export function showWorld(world: PreparedWorld, lines: readonly string[], tookMs: number): void {
  const { screen, ready, home, shortcomings } = world
  const { planeDomain, httpsPort } = ready.config
  const url = (name: string) => `https://${name}.${planeDomain}${httpsPort === 443 ? '' : `:${httpsPort}`}/`
  screen.line(`\nReady after ${seconds(tookMs)}.\n`)
  screen.line(`  Console     ${url('console')}`)
  screen.line(`  Portal      ${url('portal')}`)
  screen.line(`  Trust page  ${url('trust')}`)
  for (const line of lines) screen.line(line === '' ? '' : `  ${line}`)
  screen.line(`\n  Browsers warn until they trust ${layout.caCertificate(home)}, which vouches for`)
  screen.line(
    `  ${planeDomain} and ${ready.config.appsDomain} alone. curl: --cacert ${shellWord(layout.caCertificate(home))}`,
  )
  if (shortcomings.length > 0) screen.line()
  for (const shortcoming of shortcomings) screen.problem(shortcoming)
  screen.line(`\n  Ctrl-C stops everything. Logs of the processes: ${join(layout.logs(home))}`)
}
