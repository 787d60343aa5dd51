import type { Logger } from '../../src/kernel/log.ts'

/** For code that must be given a logger, in tests that read none. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} }
