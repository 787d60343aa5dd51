import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { runWitness } from '../run-witness.ts'

type Options = { state?: string; logKey?: string[]; listen: string; tlsCert?: string; tlsKey?: string }

export const command: CliCommand<Options> = {
  description:
    'Run a witness: it cosigns the checkpoints of the logs it is told to know, each only after proof that the log merely grew since the last one. It stays until it is stopped.',
  options: [
    new Option('--state <folder>', 'its folder, made by `borgen witness init`'),
    new Option('--log-key <key...>', 'the public key of a log (`borgen log witnesses`), or a file with it'),
    new Option('--listen <address>', 'HOST:PORT, or unix:PATH').default('127.0.0.1:8181'),
    new Option('--tls-cert <file>', 'serve HTTPS with this certificate'),
    new Option('--tls-key <file>', 'and its key'),
  ],
  examples: ['borgen witness run --state /var/lib/witness --log-key log.vkey --listen 127.0.0.1:8181'],
  async run(session, { state, logKey, listen, tlsCert, tlsKey }) {
    if (state === undefined || logKey === undefined)
      throw usageFailure('--state and --log-key are both needed.')
    return runWitness(session, [
      ...['run', '--state', state, '--listen', listen],
      ...logKey.flatMap((key) => ['--log-key', key]),
      ...(tlsCert === undefined ? [] : ['--tls-cert', tlsCert]),
      ...(tlsKey === undefined ? [] : ['--tls-key', tlsKey]),
    ])
  },
}
