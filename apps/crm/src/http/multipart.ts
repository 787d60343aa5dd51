import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
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
  const fields: Record<string, string> = {}
  const streams: BusboyFileStream[] = []
  const files: Promise<Upload<T>>[] = []
  const parser = new Busboy({
    headers: request.headers as BusboyHeaders,
    limits: { files: 1, fields: 10, fieldSize: 2_000, fileSize: maxBytes, headerPairs: 20 },
  })
  // Not `pipeline`: that would destroy the request, and with it the connection that the refusal has to travel on.
  const parsed = new Promise<void>((resolve, reject) => {
    // What does not fit is refused: the parser itself would drop it without a word.
    const tooMuch = (what: string) => () => reject(new Problem(422, `The upload holds more than ${what}.`))
    parser.on('filesLimit', tooMuch('one file'))
    parser.on('fieldsLimit', tooMuch('10 fields'))
    parser.on('partsLimit', tooMuch('11 parts'))
    parser.on('field', (name: string, value: string, nameCut: boolean, valueCut: boolean) => {
      if (nameCut || valueCut) tooMuch('2000 bytes in a field')()
      fields[name] = value
    })
    parser.on(
      'file',
      (field: string, file: BusboyFileStream, name: string, _encoding: string, mediaType: string) => {
        streams.push(file)
        if (field !== 'file') {
          file.on('error', () => undefined).resume()
          const message = `The file came in a part called ${field ? 'something else' : 'nothing'}; call it file.`
          return reject(new Problem(422, 'Check file.', [{ field: 'file', message }]))
        }
        // Whoever stores it hears of a failure; without this, a failure after that would end the process.
        file.on('error', () => undefined)
        // The parser only truncates here, and half a file must not be stored as if it were whole.
        file.once('limit', () => reject(new Problem(413, `The file is larger than ${maxBytes / MIB} MiB.`)))
        const upload = store(file).then((stored) => ({
          fields,
          name: name ?? '',
          mediaType: mediaType.slice(0, 100),
          stored,
        }))
        upload.catch(reject)
        files.push(upload)
      },
    )
    const broken = () => reject(new Problem(400, 'The upload is broken or was cut off. Send it again.'))
    parser.once('finish', resolve)
    parser.on('error', broken)
    request.once('close', () => request.complete || broken())
  })
  request.pipe(parser)
  try {
    await parsed
    const upload = await files[0]
    if (!upload) throw new Problem(422, 'Check file.', [{ field: 'file', message: 'Choose a file.' }])
    return upload
  } catch (error) {
    request.unpipe(parser)
    // Ends the storing, which then removes what it wrote.
    for (const stream of streams) stream.destroy(error instanceof Error ? error : undefined)
    await Promise.allSettled(files)
    throw error
  }
}
