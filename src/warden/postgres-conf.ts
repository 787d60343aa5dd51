import { join } from 'node:path'
import { ensureFolder, writeWhole } from './files.ts'

/** Where things lie inside the sandbox of a database. */
export const insideDatabase = {
  install: '/pg/install',
  data: '/pg/data',
  conf: '/pg/conf',
  sockets: '/run/pg',
} as const

// A small cluster that loses nothing: fsync stays on; what is saved is memory and idle processes.
const postgresqlConf = `# Written by the warden at every start of it; the same for every instance.
listen_addresses = ''
unix_socket_directories = '${insideDatabase.sockets}'
unix_socket_permissions = 0700
hba_file = '${insideDatabase.conf}/pg_hba.conf'
ident_file = '${insideDatabase.conf}/pg_ident.conf'
allow_alter_system = off
password_encryption = scram-sha-256

max_connections = 20
superuser_reserved_connections = 2
shared_buffers = 8MB
huge_pages = off
jit = off
io_method = sync
max_worker_processes = 2
max_parallel_workers = 0
max_parallel_workers_per_gather = 0
autovacuum_worker_slots = 1
autovacuum_max_workers = 1
dynamic_shared_memory_type = posix

fsync = on
wal_level = replica
max_wal_senders = 2
max_wal_size = 64MB
min_wal_size = 8MB
wal_buffers = 256kB

log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] '
log_timezone = UTC
timezone = UTC
lc_messages = C
`

const pgHba = `# Between the two sandboxes of one instance.
local app app scram-sha-256
local all all reject
`

/** Puts the configuration that every cluster reads, and none can write, into `folder`. */
export async function writePostgresConf(folder: string): Promise<void> {
  await ensureFolder(folder, 0o755)
  const files = { 'postgresql.conf': postgresqlConf, 'pg_hba.conf': pgHba, 'pg_ident.conf': '' }
  for (const [name, content] of Object.entries(files))
    await writeWhole(join(folder, name), content, { mode: 0o644 })
}
