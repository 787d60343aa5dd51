import { join } from 'node:path'
import pg from 'pg'
import { openSecret } from './unseal.ts'

export type PlaneChange = {
  id: string
  action: string
  actor: string
  idempotency_key: string | null
  state: 'intended' | 'done' | 'refused' | 'abandoned'
}
export type PlaneAccount = { id: string; company: string }
export type PlaneEvent = { id: string; account: string; type: string; instance: string | null }
export type PlaneInstance = {
  id: string
  account: string
  region: string
  host: string
  desired: string
  observed: string
  step: string
  failure: string | null
  settled: boolean
}

/** What the plane's own database holds, read past every process of the plane. */
export type PlaneRows = {
  changes: PlaneChange[]
  accounts: PlaneAccount[]
  events: PlaneEvent[]
  instances: PlaneInstance[]
  releases: string[]
  /** Keys of entries that have not reached the log. */
  outbox: string[]
}

const instanceColumns = `id, account, region, host, desired, observed, step, failure,
  (desired, observed) in (('awake', 'awake'), ('asleep', 'asleep'), ('suspended', 'asleep'), ('destroyed', 'destroyed'))
    as settled`

/** A look into the plane's database over its socket, as its superuser; connects anew after the database has died. */
export class PlaneWindow {
  private readonly dataDir: string
  private readonly worldId: string
  private client: pg.Client | undefined

  constructor(dataDir: string, worldId: string) {
    this.dataDir = dataDir
    this.worldId = worldId
  }

  /** All rows at one moment. */
  async rows(): Promise<PlaneRows> {
    const client = await this.connected()
    const all = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows
    await client.query('begin isolation level repeatable read')
    try {
      return {
        changes: await all('select id, action, actor, idempotency_key, state from changes.changes'),
        accounts: await all('select id, company from fleet.accounts'),
        events: await all(
          "select id, account, type, data->>'instance' as instance from fleet.account_events order by at",
        ),
        instances: await all(`select ${instanceColumns} from fleet.instances`),
        releases: (await all<{ sha256: string }>('select sha256 from fleet.releases')).map(
          (row) => row.sha256,
        ),
        outbox: (await all<{ key: string }>('select key from changes.outbox')).map((row) => row.key),
      }
    } finally {
      await client.query('commit')
    }
  }

  /** One instance, by its id or by its account's company. */
  async instance(reference: string): Promise<PlaneInstance | undefined> {
    const client = await this.connected()
    const { rows } = await client.query<PlaneInstance>(
      `select ${instanceColumns} from fleet.instances
       where id = $1 or account in (select id from fleet.accounts where company = $1)`,
      [reference],
    )
    return rows[0]
  }

  /** Whether nothing is on its way: every instance as wished, no change open, nothing waiting for the log. */
  async isAtRest(): Promise<boolean> {
    const client = await this.connected()
    const { rows } = await client.query<{ rest: boolean }>(
      `select not exists (select from changes.changes where state = 'intended')
         and not exists (select from changes.outbox)
         and (select coalesce(bool_and(settled), true) from (select ${instanceColumns} from fleet.instances) one) as rest`,
    )
    return rows[0]?.rest === true
  }

  async close(): Promise<void> {
    const { client } = this
    this.client = undefined
    await client?.end().catch(() => {})
  }

  private async connected(): Promise<pg.Client> {
    if (this.client) return this.client
    const client = new pg.Client({
      host: join(this.dataDir, 'run', 'db'),
      user: 'postgres',
      database: 'borgen',
      password: openSecret(this.dataDir, this.worldId, 'databasePostgres'),
      connectionTimeoutMillis: 2000,
    })
    const forget = () => {
      if (this.client === client) this.client = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    await client.connect()
    this.client = client
    return client
  }
}
