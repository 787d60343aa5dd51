/** What can go wrong, as a closed list; the HTTP status of each stands beside it (RFC 9110). */
export const STATUS_OF = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  confirmation_needed: 409,
  gone: 410,
  too_large: 413,
  too_many: 429,
  internal: 500,
  unavailable: 503,
  log_unavailable: 503,
} as const

export type ErrorCode = keyof typeof STATUS_OF

/** An error with a sentence that may be shown to anyone, the remedy, and a cause that may not. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined
  readonly detail: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    publicSentence: string,
    more: { remedy?: string; detail?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(publicSentence, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'AppError'
    this.code = code
    this.remedy = more.remedy
    this.detail = more.detail
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}
