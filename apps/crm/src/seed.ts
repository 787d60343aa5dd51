import type { Database } from './database.ts'

export async function seedDemo(_database: Database, _variant: string, _filesDir: string): Promise<boolean> {
  return false
}
