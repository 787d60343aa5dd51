#!/usr/bin/env node
import { main } from './main.ts'

// A reader that goes away (head, less) is no reason for a stack trace.
process.stdout.on('error', () => process.exit(3))
process.exitCode = await main(process.argv.slice(2))
