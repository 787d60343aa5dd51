import { readFileSync } from 'node:fs'
import { compileOverview } from './pledges/overview.ts'
import { REGISTER } from './register.ts'

// A program of its own: the supervisor asks it before it starts anything, and runs none of this as its own code. It reads the
// file that it is given and writes what is wrong with it as JSON.

const file = process.argv[2]
if (file === undefined) throw new Error('Name an overview.yaml.')
const compiled = compileOverview(new TextDecoder('utf-8').decode(readFileSync(file)), REGISTER, file)
process.stdout.write(JSON.stringify({ problems: compiled.ok ? [] : compiled.problems }))
