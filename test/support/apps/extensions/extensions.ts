/** Adds the extensions named in its environment to its database, as its owner; then answers with those that are there. */
import { createServer } from 'node:http'
import pg from 'pg'

const client = new pg.Client()
await client.connect()
for (const name of (process.env.EXTENSIONS ?? '').split(' '))
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${client.escapeIdentifier(name)} CASCADE`)

const server = createServer(async (_, answer) => {
  const { rows } = await client.query<{ name: string }>('SELECT extname AS name FROM pg_extension ORDER BY 1')
  answer.end(JSON.stringify(rows.map(({ name }) => name)))
})
server.listen(process.env.SOCKET_PATH)
