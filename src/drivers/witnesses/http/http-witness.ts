import { createHash } from 'node:crypto'
import { type RequestOptions, request } from 'node:http'
import { request as requestByTls } from 'node:https'
import { AppError } from '../../../kernel/errors.ts'
import type { WitnessReader, WitnessWriter } from '../contract/witness.ts'

const TIMEOUT_MS = 5_000
const ANSWER_LIMIT_BYTES = 128 * 1024

/** A witness at `http://…`, `https://…` (the machine's own authorities vouch for it) or `unix:/path`. */
export function createHttpWitness(url: string): WitnessReader & WitnessWriter {
  return {
    async newest(origin) {
      const hash = createHash('sha256').update(origin).digest('hex')
      const { status, text } = await ask(url, 'GET', `/${hash}/checkpoint`)
      if (status === 200) return text
      if (status === 404) return undefined
      throw silent(`it answered ${status}`)
    },
    async add({ old, proof, checkpoint }) {
      const lines = proof.map((hash) => `${Buffer.from(hash, 'hex').toString('base64')}\n`)
      const body = `old ${old}\n${lines.join('')}\n${checkpoint}`
      const { status, text } = await ask(url, 'POST', '/add-checkpoint', body)
      if (status === 200) return { kind: 'cosigned', lines: text }
      const size = /^(0|[1-9]\d{0,15})\n?$/.exec(text)?.[1]
      if (status === 409 && size !== undefined) return { kind: 'knows', size: Number(size) }
      if (status >= 500) throw silent(`it answered ${status}`)
      return { kind: 'refused', status, why: printable(text) }
    },
  }
}

async function ask(
  url: string,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const options: RequestOptions = { method, timeout: TIMEOUT_MS, signal: AbortSignal.timeout(2 * TIMEOUT_MS) }
  const sent = url.startsWith('unix:')
    ? request({ ...options, socketPath: url.slice('unix:'.length), path })
    : (url.startsWith('https:') ? requestByTls : request)(`${url}${path}`, options)
  sent.on('timeout', () => sent.destroy(new Error('it does not answer')))
  sent.on('error', reject)
  sent.on('response', (response) => {
    const pieces: Buffer[] = []
    let length = 0
    response.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > ANSWER_LIMIT_BYTES) sent.destroy(new Error('its answer is too long'))
      pieces.push(piece)
    })
    response.on('error', reject)
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }),
    )
  })
  sent.end(body)
  try {
    return await promise
  } catch (cause) {
    throw silent(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function silent(why: string, cause?: unknown): AppError {
  return new AppError('unavailable', `The witness cannot be asked: ${why}.`, {
    remedy: 'See that the witness runs and can be reached from here.',
    cause,
  })
}

function printable(text: string): string {
  return text
    .trim()
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200)
}
