/**
 * A warden in a process that keeps what it was handed, as one would whose own clearing up failed: starts an instance and
 * prints what this process, the application (seen from inside) and the database have open.
 */
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import { childrenOf } from '../../src/warden/processes.ts'
import { addScript, ask, makeWorld, specOf, startTestWarden } from './instances.ts'
import { descriptorsOf } from './planted-descriptors.ts'

const app = `
const { createServer } = require('node:http')
const fs = require('node:fs')
const look = (path) => { try { return fs.readFileSync(path, 'utf8').slice(0, 40) } catch (error) { return error.code } }
const open = () => fs.readdirSync('/proc/self/fd').flatMap((name) => {
  if (Number(name) < 3) return []
  try {
    const target = fs.readlinkSync('/proc/self/fd/' + name)
    const flags = /^flags:\\s+([0-7]+)$/m.exec(fs.readFileSync('/proc/self/fdinfo/' + name, 'utf8'))[1]
    return [{ number: Number(name), target, handedOn: (parseInt(flags, 8) & 0o2000000) === 0 }]
  } catch { return [] }
})
createServer((request, answer) => {
  answer.setHeader('content-type', 'application/json')
  if (request.url === '/health') return answer.end('{}')
  answer.end(JSON.stringify({ open: open(), reached: look('/proc/self/fd/77/../../../etc/machine-id') }))
}).listen(process.env.SOCKET_PATH)
`

const { boot, dispose } = await makeWorld()
const without = process.argv.includes('--without-bubblewrap')
const warden = await startTestWarden(boot, {
  slots: 0,
  ...(without ? { without: { bubblewrap: true } } : {}),
})
try {
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(await addScript(boot.dataDir, 'server.cjs', app), { start: ['node', 'server.cjs'] })
  const { socket } = await driver.writer.start(spec)
  const seen = await driver.reader.observe(spec.instance)
  const init = seen?.processes.find(({ role }) => role === 'database')
  const programs = init ? childrenOf(init.pid) : []
  const database = programs.flatMap(({ pid }) => [pid, ...childrenOf(pid).map((child) => child.pid)])
  const found = {
    own: descriptorsOf('self'),
    app: (await ask(socket, '/look')).body,
    database: database.flatMap((pid) => descriptorsOf(pid)),
  }
  process.stdout.write(`${JSON.stringify(found)}\n`)
} finally {
  await warden.close()
  await dispose()
}
