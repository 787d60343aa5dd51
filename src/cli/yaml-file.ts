import { open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ApiClient } from '../api-client/client.ts'
import { textOfBytes } from '../kernel/text-file.ts'
import type { Session } from './command.ts'
import { CliFailure, EXIT, usageFailure } from './failure.ts'
import { count, printable } from './printable.ts'

const NAME = 'borgen.app.yaml'
const LIMIT_BYTES = 64 * 1024

export type ManifestProblem = {
  file: string
  line: number
  at: string
  found: string
  expected: string
  remedy: string
}
export type ManifestFile = { /** As it is shown. */ file: string; folder: string; text: string }

/** Reads a manifest, named itself or by its folder; throws when there is none, or when it is no text of a manifest's size. */
export async function readManifest(session: Session, named: string): Promise<ManifestFile> {
  const { surroundings } = session
  const path = resolve(surroundings.cwd, named)
  const asked = [
    { file: join(named, NAME), path: join(path, NAME) },
    { file: named, path },
  ]
  for (const { file, path } of asked) {
    const found = await readBounded(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined
      throw usageFailure(`${file} cannot be read (${error.code ?? error.message}).`)
    })
    if (found === undefined) continue
    const read = textOfBytes(found.bytes, { file, limitBytes: LIMIT_BYTES, sizeBytes: found.sizeBytes })
    if (read.ok) return { file, folder: dirname(path), text: read.text }
    printProblems(session, read.problems)
    throw manifestFailure(read.problems)
  }
  throw usageFailure(`There is no manifest at ${named}.`, `Name a ${NAME}, or the folder that holds one.`)
}

/** Reads a text file of this kind and size; throws when there is none, or when it is no text or too long, with that as a problem. */
export async function readYamlFile(
  session: Session,
  named: string,
  { what, limitBytes }: { what: string; limitBytes: number },
): Promise<{ file: string; text: string }> {
  const found = await readBounded(resolve(session.surroundings.cwd, named), limitBytes).catch(
    (error: NodeJS.ErrnoException) => {
      throw usageFailure(`${named} cannot be read (${error.code ?? error.message}).`, `Name an ${what}.yaml.`)
    },
  )
  const read = textOfBytes(found.bytes, { file: named, limitBytes, sizeBytes: found.sizeBytes })
  if (read.ok) return { file: named, text: read.text }
  printProblems(session, read.problems)
  throw yamlFailure(`bad_${what}`, what, read.problems)
}

async function readBounded(
  path: string,
  limitBytes = LIMIT_BYTES,
): Promise<{ bytes: Buffer; sizeBytes: number }> {
  const file = await open(path, 'r')
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' })
    const { bytesRead, buffer } = await file.read(Buffer.alloc(limitBytes + 1), 0, limitBytes + 1, 0)
    return { bytes: buffer.subarray(0, bytesRead), sizeBytes: stat.size }
  } finally {
    await file.close()
  }
}

/** What the server finds wrong in a manifest. */
export async function checkManifest(
  api: ApiClient,
  { file, text }: ManifestFile,
): Promise<ManifestProblem[]> {
  const { problems } = await api.post('/v1/apps/check', { body: { manifest: text, file } })
  return problems
}

/** The failure of a manifest with problems, for programs. */
export function manifestFailure(problems: ManifestProblem[]): CliFailure {
  return yamlFailure('bad_manifest', 'manifest', problems)
}

/** Exit code 2, with every problem of a file of ours. */
export function yamlFailure(code: string, what: string, problems: ManifestProblem[]): CliFailure {
  return new CliFailure(EXIT.usage, code, `The ${what} has ${count(problems.length, 'problem')}.`, {
    remedy: 'Mend what is named above, then repeat; nothing was changed.',
    more: { problems },
  })
}

/** Prints where each problem is, what was found, what is expected, and what to do. */
export function printProblems({ terminal, json }: Session, problems: ManifestProblem[]): void {
  if (json) return
  for (const { file, line, at, found, expected, remedy } of problems) {
    terminal.note(`${printable(file)}:${line}: ${printable(at)}`)
    terminal.note(`  found     ${printable(found)}`)
    terminal.note(`  expected  ${printable(expected)}`)
    terminal.note(`  remedy    ${printable(remedy)}`)
  }
}
