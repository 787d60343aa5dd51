import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { reference } from '../option-values.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

const STYLE = {
  'in-force': 'green',
  expiring: 'yellow',
  expired: 'red',
  asked: 'dim',
  withdrawn: 'dim',
} as const

export const command: CliCommand<{ promise?: string }> = {
  description: 'List what people signed, who agreed, and how long each counts.',
  options: [new Option('--promise <promise>', 'of this promise alone').argParser(reference)],
  examples: ['borgen attestation list', 'borgen attestation list --promise continuity.risk --json'],
  async run(session, { promise }) {
    const api = await session.api()
    const found = await api.get('/v1/attestations', {
      params: { query: promise === undefined ? {} : { promise } },
    })
    return {
      json: found,
      text: () =>
        printTable(session.terminal, {
          head: ['Attestation', 'Promise', 'Part', 'About', 'Signed by', 'Agreed by', 'Ends', 'State'],
          rows: found.items.map((one) => [
            one.id,
            one.promise,
            one.part ?? 'all',
            one.subject,
            one.signedBy.name,
            one.approvedBy?.name ?? '–',
            moment(one.expiresAt),
            { text: one.simulated ? `${one.state} (simulated)` : one.state, style: STYLE[one.state] },
          ]),
          empty: 'Nobody has signed anything.',
        }),
    }
  },
}
