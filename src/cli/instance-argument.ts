import { Argument } from 'commander'
import type { ApiClient } from '../api-client/client.ts'
import type { CliCommand } from './command.ts'
import { awaitInstance, type Instance, mayWait, stateCell } from './instance-progress.ts'
import { reference, waitOptions } from './option-values.ts'
import { moment } from './printable.ts'
import { printFields } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `<instance>`, by any of its names. */
export function instanceArgument(): Argument {
  return new Argument('<instance>', 'its account’s name (acme), its host name or its id (ins_…)').argParser(
    reference,
  )
}

/** Prints one instance for people. */
export function printInstance(terminal: Terminal, instance: Instance): void {
  const limits = Object.entries(instance.limits ?? {}).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  )
  printFields(terminal, [
    ['Instance', instance.id],
    ['Account', `${instance.slug} (${instance.company})`],
    ['Is', stateCell(instance)],
    ['Step', instance.step],
    ['Failure', instance.failure === null ? undefined : { text: instance.failure, style: 'red' }],
    ['Runs', `${instance.app} ${instance.version}`],
    ['Region', instance.region],
    ['Address', { text: instance.url, style: 'cyan' }],
    ['Limits', limits.length > 0 ? limits.join(', ') : undefined],
    ['Last used', moment(instance.lastUsedAt)],
    ['Last request', moment(instance.lastRequestAt)],
    ['Since', moment(instance.createdAt)],
    ['Destroyed', instance.destroyedAt === null ? undefined : moment(instance.destroyedAt)],
  ])
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
