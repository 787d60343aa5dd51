import { readTextFile } from './kernel/text-file.ts'
import { compileOverview, OVERVIEW_LIMIT_BYTES } from './pledges/overview.ts'
import { REGISTER } from './register.ts'

// A program of its own: the supervisor asks it before it starts anything, and runs none of this as its own code. It reads the
// file that it is given and writes what is wrong with it as JSON.

const file = process.argv[2]
if (file === undefined) throw new Error('Name an overview.yaml.')
const read = readTextFile(file, { file, limitBytes: OVERVIEW_LIMIT_BYTES })
const compiled = read.ok ? compileOverview(read.text, REGISTER, file) : read
process.stdout.write(JSON.stringify({ problems: compiled.ok ? [] : compiled.problems }))
