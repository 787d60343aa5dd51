import { AppError } from '../../kernel/errors.ts'
import type { ProbeKind } from './kind.ts'

export const instanceKind: ProbeKind<'instance'> = {
  limitMs: 20_000,
  run: () => Promise.reject(new AppError('unavailable', 'Not built yet.')),
}
