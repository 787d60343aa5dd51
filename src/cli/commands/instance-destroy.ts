import { Option } from 'commander'
import { type ApiProblem, isApiProblem } from '../../api-client/problem.ts'
import type { CliCommand, Session } from '../command.ts'
import { instanceArgument, printInstance } from '../instance-argument.ts'
import { awaitInstance, mayWait } from '../instance-progress.ts'
import { notEmpty, waitOptions } from '../option-values.ts'
import { printable } from '../printable.ts'

type Options = { confirm?: string; wait?: boolean }

export const command: CliCommand<Options, [instance: string]> = {
  description:
    'Destroy an instance for good: its processes, database, files, and last its key. Shows what would be destroyed first.',
  arguments: [instanceArgument()],
  options: [
    new Option('--confirm <account>', 'the account’s name, to confirm without being asked').argParser(
      notEmpty,
    ),
    ...waitOptions('nothing of it is left'),
  ],
  examples: ['borgen instance destroy acme', 'borgen instance destroy acme --confirm acme --json'],
  async run(session, { confirm, wait }, instance) {
    const api = await session.api()
    const send = (typed: string | undefined) =>
      api.delete('/v1/instances/{instance}', {
        params: { path: { instance } },
        body: typed === undefined ? {} : { confirm: typed },
      })
    const wished = await send(confirm).catch(async (error: unknown) => {
      if (!isApiProblem(error, 'confirmation_needed')) throw error
      showPlan(session, error)
      if (confirm !== undefined || !session.terminal.isInteractive) throw withRemedy(error, instance, confirm)
      session.terminal.note(printable(error.problem.detail))
      return send(await session.terminal.ask('Type the account’s name to destroy it: '))
    })
    const reached = mayWait(session, wait)
      ? await awaitInstance(session, api, wished.id, 'destroyed')
      : wished
    return { json: reached, text: () => printInstance(session.terminal, reached) }
  },
}

function showPlan({ terminal, json }: Session, { problem }: ApiProblem): void {
  if (json) return
  for (const [title, key] of [
    ['Would be destroyed', 'destroys'],
    ['Would stay', 'keeps'],
  ] as const) {
    const items = problem.more?.[key]
    if (!Array.isArray(items)) continue
    terminal.note(`${title}:`)
    for (const item of items) terminal.note(`  - ${printable(String(item))}`)
  }
}

/** The refusal, whose remedy is the option of this command instead of the field of the request. */
function withRemedy(error: ApiProblem, instance: string, confirm: string | undefined): ApiProblem {
  const slug = error.problem.more?.confirm
  if (confirm !== undefined)
    error.problem.detail = `“${confirm}” is not the account’s name. ${error.problem.detail}`
  if (typeof slug === 'string')
    error.problem.remedy = `To destroy it: borgen instance destroy ${instance} --confirm ${slug}`
  return error
}
