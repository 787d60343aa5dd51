import { readdirSync } from 'node:fs'
import { AppError } from './errors.ts'

const NAME = /^(\d{4})_[a-z0-9-]+\.sql$/

/** The migrations in a folder, in their order. */
export function migrationsIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => NAME.test(name))
    .sort()
}

/** A data folder that a newer version has brought forward; nothing of it was changed. */
export function newerFolder(applied: string): AppError {
  return new AppError('conflict', `The data folder was migrated by a newer Borgen (${applied}).`, {
    remedy: 'Start that version or a later one; going back is not possible. Nothing was changed.',
  })
}
