import { join } from 'node:path'

/**
 * The folder that holds migrations/ and public/: apps/crm in the source tree, the release itself once bundled.
 * The build replaces `import.meta.dirname` by `__filename`, so that the same `..` fits both.
 */
export const RELEASE_DIR = join(import.meta.dirname, '..')
