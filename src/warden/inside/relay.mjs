// The parent of a program that cannot use Unix sockets itself: carries bytes between sockets and TCP ports of the
// sandbox's own loopback, both ways, and ends with the program. Arguments: pairs [from, to] as JSON, then the program.
//   [{"path": "/run/app/app.sock"}, {"host": "127.0.0.1", "port": 8080}]   from outside to the program's port
//   [{"host": "127.0.0.1", "port": 3128}, {"path": "/run/egress/proxy.sock"}]   from the program to a socket outside
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'

const [relays, command, ...args] = process.argv.slice(2)
const program = () => spawn(command, args, { stdio: 'inherit' })

for (const [from, to] of JSON.parse(relays)) await carry(from, to)

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
