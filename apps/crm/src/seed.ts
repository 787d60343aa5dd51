/** `node src/seed.ts`: plants the demo data of CRM_DEMO_VARIANT into DATABASE_URL and FILES_DIR, once. */
import { readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { seedDemo } from './demo/seed-demo.ts'
import { createLog } from './log.ts'
import { migrate } from './migrate.ts'

const config = readConfig({ ...process.env, CRM_DEMO: '1' })
const log = createLog()
const database = openDatabase(config.databaseUrl, log)
await migrate(database)
const variant = config.demo ?? 'nordwind'
const seeded = await seedDemo(database, variant, config.filesDir)
log.event(seeded ? 'demo.seeded' : 'demo.there-already', { variant })
await database.close()
