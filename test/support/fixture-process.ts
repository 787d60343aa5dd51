// A small stand-in for a process of the plane; how it behaves is said by its boot document's secrets.
import { readBoot } from '../../src/kernel/boot.ts'

const { secrets } = readBoot()
process.stderr.write(`fixture ${process.pid} began\n`)
if (secrets.say) process.stderr.write(`${secrets.say}\n`)
if (secrets.exitAtOnce) process.exit(Number(secrets.exitAtOnce))
if (secrets.deaf) process.on('SIGTERM', () => {})
if (!secrets.never) process.stdout.write('READY\n')
setInterval(() => {}, 60_000)
