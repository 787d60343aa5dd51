// Loaded into the throwaway instance that compiles a release: the cache is written at the end of a program only, and not
// when a signal ends it.
const { flushCompileCache } = require('node:module')
setInterval(() => flushCompileCache?.(), 250).unref()
