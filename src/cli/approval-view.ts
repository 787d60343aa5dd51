import { Argument } from 'commander'
import type { components } from '../api-client/schema.ts'
import { reference } from './option-values.ts'
import { moment, printable } from './printable.ts'
import { type Cell, printFields } from './table.ts'
import type { Terminal } from './terminal.ts'

export type Approval = components['schemas']['Approval']

const STYLE = {
  open: 'yellow',
  approved: 'green',
  'carried-out': 'green',
  refused: 'red',
  withdrawn: 'dim',
  expired: 'dim',
} as const

/** The state of an approval with its colour. */
export const stateCell = (approval: Approval): Cell => ({
  text: approval.state,
  style: STYLE[approval.state],
})

/** Prints what would be agreed to, who asked, and how it stands. */
export function printApproval(terminal: Terminal, approval: Approval): void {
  terminal.line(printable(approval.title.en))
  for (const { en } of approval.preview) terminal.line(`  ${printable(en)}`)
  terminal.line()
  printFields(terminal, [
    ['Approval', approval.id],
    ['State', stateCell(approval)],
    ['Asked by', approval.requestedBy.name],
    ['Asked', moment(approval.requestedAt)],
    ['Open until', approval.state === 'open' ? moment(approval.expiresAt) : undefined],
    ['Decided by', approval.decidedBy?.name],
    ['Decided', approval.decidedAt === null ? undefined : moment(approval.decidedAt)],
    [
      'Manner',
      approval.manner === null
        ? undefined
        : `approved by ${approval.manner === 'one person' ? 'one person' : 'a second person'}`,
    ],
    ['Because', approval.reason ?? undefined],
    ['Digest', approval.digest],
  ])
}

/** How somebody else can agree to what was just asked for. */
export function noteNextStep(terminal: Terminal, approval: Approval): void {
  terminal.note(
    `Nothing has changed yet. Another person approves it in the console, or with a code from \`borgen approve-code ${approval.id} --email …\`.`,
  )
}

export const approvalArgument = () =>
  new Argument('<approval>', 'id of an approval; see `borgen approval list`').argParser(reference)
