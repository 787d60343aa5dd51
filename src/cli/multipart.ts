import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'

/** The two parts of a release as multipart/form-data, streamed; `onBytes` hears how much of the archive has been read. */
export function releaseForm(given: {
  manifest: string
  release: () => Readable
  onBytes: (sentBytes: number) => void
}): { contentType: string; stream: () => Readable } {
  const boundary = `borgen-${randomUUID()}`
  const part = (disposition: string, type: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`
  async function* body(): AsyncGenerator<string | Uint8Array> {
    yield `${part('name="manifest"', 'text/plain; charset=utf-8')}${given.manifest}\r\n`
    yield part('name="release"; filename="release.tar"', 'application/x-tar')
    let sentBytes = 0
    for await (const chunk of given.release() as AsyncIterable<Uint8Array>) {
      sentBytes += chunk.byteLength
      given.onBytes(sentBytes)
      yield chunk
    }
    yield `\r\n--${boundary}--\r\n`
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    stream: () => Readable.from(body(), { objectMode: false }),
  }
}
