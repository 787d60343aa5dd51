import { request } from 'node:http'
import { AppError } from './errors.ts'

export type UnixRequest = {
  socketPath: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: unknown
  timeoutMs?: number
}

export type UnixResponse = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** One HTTP request over a Unix socket with a JSON body; throws `unavailable` when nobody answers in time. */
export function unixRequest(asked: UnixRequest): Promise<UnixResponse> {
  const payload = asked.body === undefined ? undefined : Buffer.from(JSON.stringify(asked.body))
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new AppError('unavailable', `Nobody answers behind ${asked.path}.`, {
          remedy: 'See `borgen status` for the process that is down, then try again.',
          cause,
        }),
      )
    const sent = request(
      {
        socketPath: asked.socketPath,
        method: asked.method,
        path: asked.path,
        headers: {
          host: 'localhost',
          ...(payload
            ? { 'content-type': 'application/json', 'content-length': String(payload.length) }
            : {}),
          ...asked.headers,
        },
        timeout: asked.timeoutMs ?? 10_000,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('timed out')))
    sent.on('error', fail)
    sent.end(payload)
  })
}
