// The parent of a program that cannot use Unix sockets itself: carries bytes between sockets and TCP ports of the
// sandbox's own loopback, both ways, and ends with the program. Arguments: relays as JSON, then the program.
//   {"in": {"socket": "/run/app/app.sock", "port": 8080}}   from outside to the program's port
//   {"out": {"port": 3128, "socket": "/run/egress/proxy.sock"}}   from the program to a socket outside
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'

const [relays, command, ...args] = process.argv.slice(2)
const { in: inward, out: outward } = JSON.parse(relays)
const program = () => spawn(command, args, { stdio: 'inherit' })

if (inward) await carry({ path: inward.socket }, { host: '127.0.0.1', port: inward.port })
if (outward) await carry({ host: '127.0.0.1', port: outward.port }, { path: outward.socket })

const child = program()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  console.error(`cannot start ${command}: ${error.message}`)
  process.exit(127)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))

function carry(from, to) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true })
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far)
    far.pipe(near)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(from, resolve)
  })
}
