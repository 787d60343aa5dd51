import { open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ApiClient } from '../api-client/client.ts'
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
export async function readManifest({ surroundings }: Session, named: string): Promise<ManifestFile> {
  const path = resolve(surroundings.cwd, named)
  const asked = [
    { file: join(named, NAME), path: join(path, NAME) },
    { file: named, path },
  ]
  for (const { file, path } of asked) {
    const bytes = await readBounded(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined
      throw usageFailure(`${file} cannot be read (${error.code ?? error.message}).`)
    })
    if (bytes === undefined) continue
    if (bytes.length > LIMIT_BYTES)
      throw usageFailure(
        `${file} is longer than the ${LIMIT_BYTES} bytes of a manifest.`,
        'Name the manifest, not the release.',
      )
    try {
      return { file, folder: dirname(path), text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
    } catch {
      throw usageFailure(`${file} is not text in UTF-8.`, `Name a ${NAME}, or the folder that holds one.`)
    }
  }
  throw usageFailure(`There is no manifest at ${named}.`, `Name a ${NAME}, or the folder that holds one.`)
}

/** Reads a text file of this kind and size; throws a usage failure when it is none. */
export async function readYamlFile(
  { surroundings }: Session,
  named: string,
  { what, limitBytes }: { what: string; limitBytes: number },
): Promise<{ file: string; text: string }> {
  const bytes = await readBounded(resolve(surroundings.cwd, named), limitBytes).catch(
    (error: NodeJS.ErrnoException) => {
      throw usageFailure(`${named} cannot be read (${error.code ?? error.message}).`, `Name an ${what}.yaml.`)
    },
  )
  if (bytes.length > limitBytes) throw usageFailure(`${named} is longer than ${limitBytes} bytes.`)
  try {
    return { file: named, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    throw usageFailure(`${named} is not text in UTF-8.`, `Name an ${what}.yaml.`)
  }
}

async function readBounded(path: string, limitBytes = LIMIT_BYTES): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' })
    const { bytesRead, buffer } = await file.read(Buffer.alloc(limitBytes + 1), 0, limitBytes + 1, 0)
    return buffer.subarray(0, bytesRead)
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
