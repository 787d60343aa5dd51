// docs/cli.md is made from what --help says: `UPDATE_DOCS=1 node --test src/cli/help.test.ts`; committed, and compared here.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMANDS, isGroup } from './command-table.ts'
import { run } from './testing/run.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'cli.md')

const commands = Object.entries(COMMANDS).flatMap(([name, found]) =>
  isGroup(found)
    ? Object.entries(found.commands).map(([verb, { summary }]) => ({ words: [name, verb], summary }))
    : [{ words: [name], summary: found.summary }],
)

async function helpOf(words: string[]): Promise<string> {
  const { code, stdout } = await run([...words, '--help'])
  assert.equal(code, 0)
  return stdout
}

test('every command has help with a description and an example of its own', async () => {
  for (const { words } of commands) {
    const help = await helpOf(words)
    assert.match(help, new RegExp(`^Usage: borgen ${words.join(' ')} `))
    assert.match(help, new RegExp(`\\nExamples:\\n {2}\\$ borgen ${words.join(' ')}`))
    assert.match(help, /--json/)
    assert.equal(await helpOf(['help', ...words]), help)
  }
})

test('docs/cli.md is what --help says', async () => {
  const sections = await Promise.all(
    commands.map(async ({ words, summary }) => {
      const help = (await helpOf(words)).replace(/\nGlobal Options:\n(?: {2}.*\n)+/, '').trimEnd()
      return `## borgen ${words.join(' ')}\n\n${summary[0]!.toUpperCase()}${summary.slice(1)}.\n\n\`\`\`\n${help}\n\`\`\`\n`
    }),
  )
  const text = `${INTRODUCTION}\n${sections.join('\n')}`
  if (process.env.UPDATE_DOCS) writeFileSync(page, text)
  assert.ok(
    readFileSync(page, 'utf8') === text,
    `docs/cli.md is stale: UPDATE_DOCS=1 node --test ${import.meta.filename}`,
  )
})

const INTRODUCTION = `# The command line

\`borgen\` is one more client of the public API, without private doors. From a checkout: \`npx borgen …\`.

<!-- Made from --help by src/cli/help.test.ts. -->

**Where it finds the API.** On the machine where the world runs: the data folder, \`--data DIR\`, else \`BORGEN_DATA\`, else \`./.borgen\`. It speaks
over the server's Unix socket and takes the token from \`cli.token\` in that folder, which only who started the world can read. From
elsewhere: \`BORGEN_URL\` (\`https://console.…\`), \`BORGEN_TOKEN\` (\`borgen token create\` makes one), and \`BORGEN_CA\` with the file of the
authority that the browser too must trust (\`ca.crt\` in the data folder). Names under \`.localhost\` are looked for on this machine.

**For programs.** With \`--json\` stdout holds one JSON document and nothing else; with \`--follow\` one document a line. Errors are then
\`{"error":{"code","detail","remedy",…}}\`. What is for people (progress, errors, remarks) is on stderr. Colours and fitted tables are for terminals
only; \`NO_COLOR\` is respected. Changes carry an idempotency key and are sent again with the same one when a connection breaks.

| exit code | |
|---|---|
| 0 | fine |
| 1 | something that was promised does not hold: a verification failed, a process is down, an instance did not start |
| 2 | the command line or its input is wrong; nothing was changed |
| 3 | cannot tell: nobody answers, the log or the server is down |
| 4 | refused: no right, a conflict, or a person must confirm it first |
`
