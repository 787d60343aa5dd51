import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { runWitness } from '../run-witness.ts'

type Options = { state?: string; name?: string }

export const command: CliCommand<Options> = {
  description:
    'Make a witness: a folder with a key of its own. Prints the public key by which logs and verifiers know it. It needs no world on this machine.',
  options: [
    new Option('--state <folder>', 'its folder: its key, and later what it saw last of each log'),
    new Option('--name <name>', 'how it is called in its signatures, such as witness.example/w1'),
  ],
  examples: ['borgen witness init --state /var/lib/witness --name witness.example/w1'],
  async run(session, { state, name }) {
    if (state === undefined || name === undefined) throw usageFailure('--state and --name are both needed.')
    return runWitness(session, ['init', '--state', state, '--name', name])
  },
}
