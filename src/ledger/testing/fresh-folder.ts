import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** For tests: a folder that is removed when the test file ends. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-log-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
