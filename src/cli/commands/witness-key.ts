import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { runWitness } from '../run-witness.ts'

type Options = { state?: string }

export const command: CliCommand<Options> = {
  description: 'Print the public key of the witness in a folder.',
  options: [new Option('--state <folder>', 'its folder')],
  examples: ['borgen witness key --state /var/lib/witness'],
  async run(session, { state }) {
    if (state === undefined) throw usageFailure('--state is needed.')
    return runWitness(session, ['key', '--state', state])
  },
}
