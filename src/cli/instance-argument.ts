import { Argument } from 'commander'
import type { ApiClient } from '../api-client/client.ts'
import type { CliCommand } from './command.ts'
import { awaitInstance, type Instance, mayWait, stateCell } from './instance-progress.ts'
import { reference, waitOptions } from './option-values.ts'
import { moment } from './printable.ts'
import { type Cell, printFields } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `<instance>`, by any of its names. */
export function instanceArgument(): Argument {
  return new Argument('<instance>', 'its account’s name (acme), its host name or its id (ins_…)').argParser(
    reference,
  )
}

/** Prints one instance for people. */
export function printInstance(terminal: Terminal, instance: Instance): void {
  printFields(terminal, [
    ['Instance', instance.id],
    ['Account', `${instance.slug} (${instance.company})`],
    ['Is', stateCell(instance)],
    ['Step', instance.step],
    ['Failure', instance.failure === null ? undefined : { text: instance.failure, style: 'red' }],
    ['Runs', `${instance.app} ${instance.version}`],
    ['Region', instance.region],
    ['Address', { text: instance.url, style: 'cyan' }],
    ...limitFields(instance.limits),
    ['Last used', moment(instance.lastUsedAt)],
    ['Last request', moment(instance.lastRequestAt)],
    ['Since', moment(instance.createdAt)],
    ['Destroyed', instance.destroyedAt === null ? undefined : moment(instance.destroyedAt)],
  ])
}

/** Enforced limits by name alone; of the others, what this machine does instead. */
function limitFields(limits: Instance['limits']): [string, Cell][] {
  const enforced: string[] = []
  const others: [string, Cell][] = []
  for (const [name, value] of Object.entries(limits ?? {})) {
    const { state, reason } = { state: 'unknown', reason: '', ...(typeof value === 'object' ? value : {}) }
    if (state === 'enforced') enforced.push(name)
    else others.push([`Limit ${name}`, { text: `${state}: ${reason}`, style: 'yellow' }])
  }
  return enforced.length > 0 ? [['Enforced', enforced.sort().join(', ')], ...others] : others
}

type Wish = {
  description: string
  until: string
  example: string
  send: (api: ApiClient, path: { instance: string }) => Promise<Instance>
}

/** A command that wishes an instance into another state. */
export function wishCommand(wish: Wish): CliCommand<{ wait?: boolean }, [instance: string]> {
  return {
    description: wish.description,
    arguments: [instanceArgument()],
    options: waitOptions(wish.until),
    examples: [wish.example, `${wish.example} --wait --json`],
    async run(session, { wait }, instance) {
      const api = await session.api()
      const wished = await wish.send(api, { instance })
      const reached = mayWait(session, wait)
        ? await awaitInstance(session, api, wished.id, wished.desired)
        : wished
      return { json: reached, text: () => printInstance(session.terminal, reached) }
    },
  }
}
