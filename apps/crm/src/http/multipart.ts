import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy'
import { Problem } from './problem.ts'

export type Upload<T> = { fields: Record<string, string>; name: string; mediaType: string; stored: T }

const MIB = 1024 * 1024

/** One file, streamed to `store` as it arrives, and a few small fields before or after it. */
export async function readUpload<T>(
  request: IncomingMessage,
  maxBytes: number,
  store: (file: Readable) => Promise<T>,
): Promise<Upload<T>> {
  const type = request.headers['content-type'] ?? ''
  if (!/^multipart\/form-data;.*boundary=/i.test(type)) {
    throw new Problem(415, 'Send the file as multipart/form-data with a part called file.')
  }
  const tooLarge = () => new Problem(413, `The file is larger than ${maxBytes / MIB} MiB.`)
  const fields: Record<string, string> = {}
  const files: Promise<Upload<T>>[] = []
  const parser = new Busboy({
    headers: request.headers as BusboyHeaders,
    limits: { files: 1, fields: 10, fieldSize: 2_000, fileSize: maxBytes, headerPairs: 20 },
  })
  parser.on('field', (name: string, value: string) => {
    fields[name] = value
  })
  parser.on(
    'file',
    (_field: string, file: BusboyFileStream, name: string, _encoding: string, mediaType: string) => {
      const upload = (async () => {
        const stored = await store(throwWhenCut(file, tooLarge))
        return { fields, name: name ?? '', mediaType: mediaType.slice(0, 100), stored }
      })()
      // Awaited below; until then a failure must not count as unhandled.
      upload.catch(() => file.resume())
      files.push(upload)
    },
  )
  try {
    await pipeline(request, parser)
  } catch (error) {
    for (const file of files) await file.catch(() => undefined)
    if (error instanceof Problem) throw error
    throw new Problem(400, 'The upload is broken or was cut off. Send it again.')
  }
  const upload = await files[0]
  if (!upload) throw new Problem(422, 'Check file.', [{ field: 'file', message: 'Choose a file.' }])
  return upload
}

/** The parser only truncates at the limit; half a file must not be stored as if it were whole. */
function throwWhenCut(file: BusboyFileStream, problem: () => Problem): Readable {
  file.on('limit', () => file.destroy(problem()))
  return file
}
