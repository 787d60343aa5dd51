import { runCli } from './run-cli.ts'

// A reader that has seen enough (`borgen … | head`) ends the command without a word.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3))

const { env, stdin, stdout, stderr } = process
process.exitCode = await runCli(process.argv.slice(2), { env, stdin, stdout, stderr, cwd: process.cwd() })
