import { AppError } from '../../kernel/errors.ts'
import type { ProbeKind } from './kind.ts'

export const inventoryKind: ProbeKind<'inventory'> = {
  limitMs: 30_000,
  run: () => Promise.reject(new AppError('unavailable', 'Not built yet.')),
}
