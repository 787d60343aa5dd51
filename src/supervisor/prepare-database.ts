import { join } from 'node:path'
import { z } from 'zod'
import { readBoot, reportReady, secretOf } from '../kernel/boot.ts'
import { isAppError } from '../kernel/errors.ts'
import { createLogger } from '../kernel/log.ts'
import { migrate } from '../kernel/migrate.ts'
import { prepareRoles } from './store.ts'

// A process of its own, so that no answer of a database is ever parsed by root.
const boot = readBoot()
const logger = createLogger(boot.process)
try {
  const passwords = z.record(z.string(), z.string()).parse(JSON.parse(secretOf(boot, 'rolePasswords')))
  await prepareRoles(secretOf(boot, 'superuserUrl'), passwords)
  const applied = await migrate({ url: secretOf(boot, 'ownerUrl'), dir: join(boot.codeDir, 'sql') })
  logger.info('database is prepared', { applied })
  reportReady()
} catch (error) {
  // What the supervisor shows of it, and a person reads.
  if (isAppError(error)) logger.error(`${error.message} ${error.remedy ?? ''}`.trim())
  else logger.error('database could not be prepared', { error })
  process.exitCode = 1
}
