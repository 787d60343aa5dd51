import type { IncomingMessage } from 'node:http'
import type * as z from 'zod'
import { type FieldError, Problem } from './problem.ts'

const MIB = 1024 * 1024
const JSON_LIMIT = MIB
const MAX_DEPTH = 32

export async function readText(
  request: IncomingMessage,
  types: readonly string[],
  limit: number,
): Promise<string> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (!types.includes(type)) {
    throw new Problem(415, `The content type is ${type || 'missing'}, expected ${types.join(' or ')}.`)
  }
  const tooLarge = () => new Problem(413, `The body is larger than ${limit / MIB} MiB.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Problem(400, 'The body is not UTF-8 text.')
  }
}

export async function readJson<T extends z.ZodType>(
  request: IncomingMessage,
  schema: T,
): Promise<z.infer<T>> {
  const text = await readText(request, ['application/json'], JSON_LIMIT)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Problem(
      400,
      `The body is not JSON: ${error instanceof SyntaxError ? position(error) : 'unreadable'}.`,
    )
  }
  if (depthOf(value) > MAX_DEPTH)
    throw new Problem(400, `The body is nested deeper than ${MAX_DEPTH} levels.`)
  return parse(schema, value)
}

// V8 quotes the text around the error, which may hold a password.
function position(error: SyntaxError): string {
  return (
    /at position \d+( \(line \d+ column \d+\))?/.exec(error.message)?.[0] ?? 'unexpected end or character'
  )
}

function depthOf(value: unknown): number {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0 && depth <= MAX_DEPTH) {
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []))
    depth++
  }
  return depth
}

export function parse<T extends z.ZodType>(schema: T, value: unknown, status = 422): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = fieldErrors(result.error.issues)
  const names = errors.map((error) => error.field || 'the body').join(', ')
  throw new Problem(status, `Check ${names}.`, errors)
}

function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.slice(0, 50).flatMap((issue): FieldError[] => {
    const field = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys') return [{ field, message: issue.message }]
    return issue.keys.slice(0, 20).map((key) => ({
      field: field ? `${field}.${key.slice(0, 100)}` : key.slice(0, 100),
      message: 'Not known here; remove it.',
    }))
  })
}
