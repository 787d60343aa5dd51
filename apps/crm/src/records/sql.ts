import type { Row } from '../database.ts'

export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const camelRow = <T = Row>(row: Row): T =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])) as T

/** `%` and `_` are what somebody looked for, not wildcards. */
export const likePattern = (word: string): string => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`

export const searchWords = (text: string): string[] => text.trim().split(/\s+/).filter(Boolean).slice(0, 6)

/**
 * Column names come from the keys of a parsed, strict schema, never from the request. Values travel beside the text.
 */
export function insertSql(table: string, row: Row): { sql: string; values: unknown[] } {
  const names = Object.keys(row).filter((name) => row[name] !== undefined)
  const values = names.map((name) => row[name])
  const columns = names.map(snakeCase).join(', ')
  const marks = names.map((_, i) => `$${i + 1}`).join(', ')
  return { sql: `insert into ${table} (${columns}) values (${marks}) returning id`, values }
}

export function updateSql(table: string, id: string, row: Row): { sql: string; values: unknown[] } {
  const names = Object.keys(row).filter((name) => row[name] !== undefined)
  const values = [...names.map((name) => row[name]), id]
  const sets = names.map((name, i) => `${snakeCase(name)} = $${i + 1}, `).join('')
  return {
    sql: `update ${table} set ${sets}updated_at = now() where id = $${values.length} returning id`,
    values,
  }
}
