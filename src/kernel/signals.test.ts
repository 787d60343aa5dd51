import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPostgres } from '../../test/support/postgres.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { openDatabase } from './db.ts'
import { listenFor, signal } from './signals.ts'

const postgres = await startPostgres()
const { db, pool, close } = openDatabase(postgres.url)
after(async () => {
  await close()
  await postgres.stop()
})

/** Listens and gives what came, one promise an item. */
async function listen(channel: string, onConnect: () => void = () => {}) {
  const waiting: ((payload: string) => void)[] = []
  const arrived: string[] = []
  const connected = Promise.withResolvers<void>()
  const listener = listenFor({
    url: postgres.url,
    channel,
    logger: silentLogger,
    onSignal: (payload) => (waiting.length > 0 ? waiting.shift()!(payload) : arrived.push(payload)),
    onConnect: () => {
      connected.resolve()
      onConnect()
    },
  })
  await connected.promise
  return {
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift()!)
        : new Promise<string>((resolve) => waiting.push(resolve)),
    arrived,
    stop: () => listener.stop(),
  }
}

test('a signal is heard when its transaction commits, and not when it does not', async () => {
  const heard = await listen('birds')
  await assert.rejects(
    db.transaction().execute(async (tx) => {
      await signal(tx, 'birds', 'undone')
      throw new Error('no')
    }),
  )
  await db.transaction().execute(async (tx) => {
    await signal(tx, 'birds', `quote's "and" more`)
    assert.deepEqual(heard.arrived, [])
  })
  assert.equal(await heard.next(), `quote's "and" more`)
  await heard.stop()
})

test('a lost connection is made anew, and said to be', async () => {
  let connections = 0
  const again = Promise.withResolvers<void>()
  const heard = await listen('trees', () => {
    connections += 1
    if (connections === 2) again.resolve()
  })
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "trees"'`)
  await again.promise
  await signal(db, 'trees', 'oak')
  assert.equal(await heard.next(), 'oak')
  await heard.stop()
})

test('after stop nothing listens any more', async () => {
  const heard = await listen('stones')
  await heard.stop()
  // the server notices a moment later
  for (let listeners = 1; listeners > 0; ) {
    const { rows } = await pool.query(
      `select count(*)::int as count from pg_stat_activity where query = 'listen "stones"'`,
    )
    listeners = rows[0].count
  }
})
