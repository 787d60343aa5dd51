import { PassThrough, Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { runCli } from '../run-cli.ts'

export type Ran = {
  code: number
  stdout: string
  stderr: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the CLI prints
  json(): any
}

/** Runs a command line in this process; with `answers` a person sits at a terminal and types them. */
export async function run(
  args: string[],
  given: { env?: NodeJS.ProcessEnv; cwd?: string; answers?: string; columns?: number } = {},
): Promise<Ran> {
  const isTTY = given.answers !== undefined
  const capture = () => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: given.columns ?? 100 })
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return { stream, text: () => Buffer.concat(chunks).toString('utf8') }
  }
  const [stdout, stderr] = [capture(), capture()]
  const code = await runCli(args, {
    env: { HOME: '/nonexistent', ...given.env },
    cwd: given.cwd ?? '/',
    stdin: Object.assign(Readable.from([given.answers ?? '']), { isTTY }),
    stdout: stdout.stream,
    stderr: stderr.stream,
  })
  // PassThrough hands over what was written in a later turn.
  await new Promise((done) => setImmediate(done))
  return { code, stdout: stdout.text(), stderr: stderr.text(), json: () => JSON.parse(stdout.text()) }
}

/** What a terminal's reader sees, colours and overwritten lines aside. */
export function seen(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\u001b[K').at(-1))
  return stripVTControlCharacters(lines.join('\n'))
}
