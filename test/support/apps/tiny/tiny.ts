/**
 * The test application of the instance drivers: counts visits in PostgreSQL (when it has one), keeps a file, and says
 * what it sees. Bundled by `buildTinyApp` in test/support/instances.ts.
 */
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

if (process.env.TINY_FAILS) {
  console.error(`tiny fails on purpose: ${process.env.TINY_FAILS}`)
  process.exit(3)
}

const pool = process.env.DATABASE_URL
  ? new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
  : undefined
await pool?.query('CREATE TABLE IF NOT EXISTS visits (id bigserial PRIMARY KEY, note text)')

const server = createServer(async (request, answer) => {
  const url = new URL(request.url ?? '/', 'http://tiny')
  try {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify(await reply(url)))
  } catch (error) {
    answer.statusCode = 500
    answer.end(JSON.stringify({ error: String(error) }))
  }
})

async function reply(url: URL): Promise<unknown> {
  const file = join(process.env.FILES_DIR ?? '/tmp', 'note.txt')
  switch (url.pathname) {
    case '/health':
      return { ok: true }
    case '/visit': {
      const note = url.searchParams.get('note') ?? ''
      writeFileSync(file, note)
      await pool?.query('INSERT INTO visits (note) VALUES ($1)', [note])
      // Between the deed and its answer, for whoever wants to kill there.
      await delay(Number(url.searchParams.get('answerAfterMs') ?? 0))
      return { stored: note }
    }
    case '/visits': {
      const rows = await pool?.query<{ note: string }>('SELECT note FROM visits ORDER BY id')
      return {
        notes: rows?.rows.map(({ note }) => note),
        file: existsSync(file) ? readFileSync(file, 'utf8') : null,
      }
    }
    case '/environment':
      return {
        keys: Object.keys(process.env).sort(),
        uid: process.getuid?.(),
        argv: process.argv,
        cwd: process.cwd(),
      }
    default:
      return { path: url.pathname }
  }
}

const socket = process.env.SOCKET_PATH
if (socket && existsSync(socket)) unlinkSync(socket)
server.listen(socket ?? Number(process.env.PORT), () => console.log('tiny listens'))
process.on('SIGTERM', () => server.close(() => pool?.end().then(() => process.exit(0))))
