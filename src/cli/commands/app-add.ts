import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { Argument } from 'commander'
import { textOf } from '../../api-client/client.ts'
import { unreachable } from '../../api-client/problem.ts'
import type { components } from '../../api-client/schema.ts'
import type { CliCommand, Session } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { releaseForm } from '../multipart.ts'
import { notEmpty } from '../option-values.ts'
import { size } from '../printable.ts'
import { printFields } from '../table.ts'
import {
  checkManifest,
  type ManifestFile,
  manifestFailure,
  printProblems,
  readManifest,
} from '../yaml-file.ts'

type Source = { path: string; what: string; aboutBytes: number; stream: () => Readable }

export const command: CliCommand<object, [app: string]> = {
  description:
    'Add a release of an app. The manifest’s `release` is a folder, which is packed (all but .git), or a tar archive; the default is the manifest’s own folder. A release never changes: new content needs a new version.',
  arguments: [
    new Argument('<app>', 'a folder with a borgen.app.yaml, or the manifest itself').argParser(notEmpty),
  ],
  examples: ['borgen app add apps/crm', 'borgen app add ./my-app/borgen.app.yaml --json'],
  async run(session, _, named) {
    const { terminal } = session
    const manifest = await readManifest(session, named)
    const api = await session.api()
    const problems = await checkManifest(api, manifest)
    if (problems.length > 0) {
      printProblems(session, problems)
      throw manifestFailure(problems)
    }
    const source = await sourceOf(session, manifest)
    const form = releaseForm({
      manifest: manifest.text,
      release: source.stream,
      onBytes: progressOf(session, source),
    })
    const received = await api.stream({
      method: 'POST',
      path: '/v1/apps',
      headers: { 'content-type': form.contentType },
      body: form.stream,
    })
    const release = parseRelease(await textOf(received))
    return {
      json: release,
      text: () =>
        printFields(terminal, [
          ['App', `${release.app} ${release.version}`],
          ['Release', release.release],
          ['Content', `${size(release.sizeBytes)}, SHA-256 ${release.sha256}`],
        ]),
    }
  },
}

async function sourceOf({ terminal }: Session, { file, folder, text }: ManifestFile): Promise<Source> {
  const { parse } = await import('yaml')
  const { release = '.' } = parse(text) as { release?: string }
  const path = resolve(folder, release)
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw usageFailure(
      `${file} names a release that cannot be read: ${path} (${cause.code}).`,
      'Correct `release`: a folder or a tar archive, seen from the manifest.',
    )
  })
  if (stats.isDirectory()) {
    const { packRelease } = await import('../pack-release.ts')
    terminal.progress(`Looking through ${path} …`)
    const packed = await packRelease(path)
    if (packed.files === 0) throw usageFailure(`${path} holds no files.`, 'Build the app first, then repeat.')
    return { path, what: 'packed and sent', aboutBytes: packed.contentBytes, stream: packed.stream }
  }
  if (!stats.isFile()) throw usageFailure(`${path} is neither a folder nor a file.`)
  return { path, what: 'sent', aboutBytes: stats.size, stream: () => createReadStream(path) }
}

function progressOf({ terminal }: Session, { what, aboutBytes }: Source): (sentBytes: number) => void {
  let shownAt = 0
  return (sentBytes) => {
    if (performance.now() - shownAt < 100) return
    shownAt = performance.now()
    const percent = Math.min(99, Math.floor((sentBytes / Math.max(1, aboutBytes)) * 100))
    terminal.progress(`${size(sentBytes)} of about ${size(aboutBytes)} ${what} (${percent} %)`)
  }
}

function parseRelease(text: string): components['schemas']['Release'] {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreachable('The answer is not one that a Borgen server gives.', 'See `borgen app list`.', cause)
  }
}
