import { execFile } from 'node:child_process'
import { existsSync, watchFile } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { readTextFile } from '../kernel/text-file.ts'
import type { YamlProblem } from '../kernel/yaml.ts'
import { writeDurably } from './durable-file.ts'

// As much as an overview may have; the compiler says so too.
const LIMIT_BYTES = 40 * 1024
const LOOK_EVERY_MS = 2_000

const checked = z.object({
  problems: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      at: z.string(),
      found: z.string(),
      expected: z.string(),
      remedy: z.string(),
    }),
  ),
})

/** The overview.yaml of a world: the one that was named, the demo's own, or the one in the checkout; it need not be there. */
export function overviewFileOf(
  codeDir: string,
  { named, demo }: { named: string | undefined; demo: boolean },
): string {
  return named ?? join(codeDir, ...(demo ? ['src', 'demo', 'overview.yaml'] : ['overview.yaml']))
}

/**
 * Has an overview compiled before anything starts. Throws `bad_request` with every problem in `detail.problems`, each with file, line,
 * found, expected and remedy; a file that was named must be there.
 */
export async function requireGoodOverview(codeDir: string, file: string, isNamed: boolean): Promise<void> {
  if (!existsSync(file)) {
    if (!isNamed) return
    throw new AppError('bad_request', `There is no overview at ${file}.`, {
      remedy: 'Name an overview.yaml that is there, or leave out --overview.',
    })
  }
  const program = join(codeDir, 'src', 'check-overview.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    program,
    file,
  ]).catch((cause: unknown) => {
    throw new AppError('internal', `The overview at ${file} could not be checked.`, {
      remedy: 'Start again; `borgen overview check` in a world that runs says whether it is the file.',
      cause,
    })
  })
  const { problems } = checked.parse(JSON.parse(stdout))
  if (problems.length === 0) return
  const [first] = problems
  throw new AppError(
    'bad_request',
    `${first!.file}:${first!.line}: ${first!.at}: found ${first!.found}, expected ${first!.expected}.` +
      (problems.length > 1 ? ` There are ${problems.length} problems.` : ''),
    { remedy: `${first!.remedy} Nothing was started.`, detail: { problems } },
  )
}

/**
 * Leaves the file's text where the server finds it, which may not see the file itself, and again whenever it changes. It is a
 * proposal: whatever it says, nothing changes by it.
 */
export function publishOverview(dataDir: string, file: string): void {
  const publish = () => {
    const content = JSON.stringify({ path: file, ...readOverview(file) })
    writeDurably(layout.publishedOverview(dataDir), content, 0o640)
  }
  const again = () => {
    // A full disk must not end the supervisor; the next change tries again.
    try {
      publish()
    } catch {}
  }
  publish()
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, again)
}

function readOverview(file: string): { text: string | null; problems: YamlProblem[] } {
  if (!existsSync(file)) return { text: null, problems: [] }
  const read = readTextFile(file, { file, limitBytes: LIMIT_BYTES })
  return read.ok ? { text: read.text, problems: [] } : { text: null, problems: read.problems }
}
