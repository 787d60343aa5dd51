import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { unixRequest } from '../kernel/unix-request.ts'

/** The API as the command line of this machine reaches it. Throws what the server says against a request. */
export type LocalApi = {
  get<T>(path: string, answer: z.ZodType<T>): Promise<T>
  post<T>(path: string, body: unknown, answer: z.ZodType<T>): Promise<T>
}

/** The API of the world in this data folder, by the token that lies in it. */
export function openLocalApi(dataDir: string): LocalApi {
  const token = readFileSync(layout.cliToken(dataDir), 'utf8').trim()
  const ask = async <T>(method: string, path: string, body: unknown, answer: z.ZodType<T>): Promise<T> => {
    const { status, body: bytes } = await unixRequest({
      socketPath: layout.serverSocket(dataDir),
      method,
      path,
      headers: { authorization: `Bearer ${token}` },
      body,
      timeoutMs: 30_000,
    })
    const text = bytes.toString('utf8')
    if (status >= 300)
      throw new AppError('unavailable', `The server answered ${status} to ${method} ${path}.`, {
        cause: text.slice(0, 2000),
      })
    return answer.parse(JSON.parse(text))
  }
  return {
    get: (path, answer) => ask('GET', path, undefined, answer),
    post: (path, body, answer) => ask('POST', path, body, answer),
  }
}
