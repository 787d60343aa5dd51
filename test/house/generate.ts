import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../support/postgres.ts'
import { accessMatrix } from './access-matrix.ts'
import { dumpSchema } from './dump-schema.ts'
import { checkout } from './source-tree.ts'

// `npm run generate:schema`: writes what test/coverage.test.ts compares.
const postgres = await startPostgres()
try {
  const made = {
    'sql/schema.sql': await dumpSchema(postgres.url),
    'test/house/access-matrix.txt': accessMatrix(),
  }
  for (const [name, text] of Object.entries(made)) {
    const file = join(checkout, name)
    let before = ''
    try {
      before = readFileSync(file, 'utf8')
    } catch {}
    if (before === text) continue
    writeFileSync(file, text)
    process.stderr.write(`wrote ${name}\n`)
  }
} finally {
  await postgres.stop()
}
