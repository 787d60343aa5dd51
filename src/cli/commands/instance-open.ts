import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Option } from 'commander'
import type { CliCommand, Session } from '../command.ts'
import { instanceArgument } from '../instance-argument.ts'

export const command: CliCommand<{ browser: boolean }, [instance: string]> = {
  description: 'Print an instance’s address, and open it in a browser where there is one.',
  arguments: [instanceArgument()],
  options: [new Option('--no-browser', 'only print it')],
  examples: ['borgen instance open acme', 'borgen instance open acme --json'],
  async run(session, { browser }, instance) {
    const api = await session.api()
    const { id, url } = await api.get('/v1/instances/{instance}', { params: { path: { instance } } })
    const opener = browser && session.terminal.isInteractive ? openerOf(session) : undefined
    if (opener !== undefined && /^https:\/\//.test(url))
      spawn(opener, [url], { stdio: 'ignore', detached: true })
        .on('error', () => {})
        .unref()
    return { json: { instance: id, url }, text: () => session.terminal.line(url) }
  },
}

/** The program that opens an address on this desktop, if somebody sits at one. */
function openerOf({ surroundings: { env } }: Session): string | undefined {
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'xdg-open'))
    .find((file) => existsSync(file))
}
