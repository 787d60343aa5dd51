// Loaded into an application that only knows how to listen on a TCP port: the first server on that port listens on the
// instance's Unix socket instead, since an instance has no network. Costs nothing afterwards.
const net = require('node:net')

const port = Number(process.env.BORGEN_LISTEN_PORT)
const path = process.env.BORGEN_LISTEN_SOCKET
const listen = net.Server.prototype.listen
let taken = false

net.Server.prototype.listen = function (...args) {
  const first = args[0]
  const wanted = typeof first === 'object' && first !== null ? (first.path ? undefined : first.port) : first
  if (taken || !path || wanted === undefined || wanted === null || Number(wanted) !== port) {
    return listen.apply(this, args)
  }
  taken = true
  // Programs look at the peer's address, and a Unix socket has none; who really asked is in X-Forwarded-For.
  this.prependListener('connection', (socket) => {
    for (const [name, value] of [
      ['remoteAddress', '127.0.0.1'],
      ['remoteFamily', 'IPv4'],
      ['remotePort', 1],
    ]) {
      Object.defineProperty(socket, name, { value, configurable: true })
    }
  })
  const callback = args.findLast((arg) => typeof arg === 'function')
  return listen.call(this, { path }, callback)
}
