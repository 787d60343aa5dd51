import pg from 'pg'

// One query a kind of thing, each row one piece of text in a stable order. Ours are the schemas that PostgreSQL did not make.
const OURS = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')`

const SCHEMAS = `select format('create schema %I;', nspname) from pg_namespace n where ${OURS} order by nspname`

const TABLES = `
select format(E'create table %I.%I (\\n%s\\n);', n.nspname, c.relname, string_agg(line, E',\\n' order by place, line))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select a.attnum as place, format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || case when a.attidentity = 'a' then ' generated always as identity' else '' end
    || case when a.attnotnull then ' not null' else '' end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  union all
  select 10000, format('  constraint %I %s', conname, pg_get_constraintdef(oid))
  from pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'f', 'c', 'x')
) as lines
where c.relkind in ('r', 'p') and ${OURS}
group by n.nspname, c.relname order by n.nspname, c.relname`

const INDEXES = `
select pg_get_indexdef(i.indexrelid) || ';'
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where ${OURS} and not exists (select from pg_constraint where conindid = i.indexrelid)
order by n.nspname, c.relname`

const FUNCTIONS = `
select pg_get_functiondef(p.oid) || ';'
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OURS} order by n.nspname, p.proname, p.oid::regprocedure::text`

const TRIGGERS = `
select pg_get_triggerdef(t.oid) || ';'
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where ${OURS} and not t.tgisinternal order by n.nspname, c.relname, t.tgname`

// What each of our roles was given; the owner has everything, and nobody else has anything.
const GRANTS = `
select format('grant %s on %s to %s;', string_agg(what, ', ' order by what), target, grantee) from (
  select lower(a.privilege_type) as what, format('schema %I', n.nspname) as target, a.grantee::regrole::text as grantee
  from pg_namespace n cross join aclexplode(n.nspacl) a where ${OURS} and a.grantee <> n.nspowner
  union all
  select lower(a.privilege_type), format('%I.%I', n.nspname, c.relname),
    case when a.grantee = 0 then 'public' else a.grantee::regrole::text end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join aclexplode(c.relacl) a
  where ${OURS} and a.grantee <> c.relowner
  union all
  select format('%s (%s)', lower(a.privilege_type), string_agg(t.attname, ', ' order by t.attname)),
    format('%I.%I', n.nspname, c.relname), a.grantee::regrole::text
  from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace
  cross join aclexplode(t.attacl) a where ${OURS} and a.grantee <> c.relowner
  group by n.nspname, c.relname, a.grantee, a.privilege_type
) as given group by target, grantee order by target, grantee`

/** The whole schema of a database as text that is the same for the same schema; SQL that people read, not a backup. */
export async function dumpSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const parts: string[] = []
    for (const query of [SCHEMAS, TABLES, INDEXES, FUNCTIONS, TRIGGERS, GRANTS]) {
      const { rows } = await client.query<[string]>({ text: query, rowMode: 'array' })
      parts.push(
        rows.map(([text]) => text.trimEnd()).join(query === TABLES || query === FUNCTIONS ? '\n\n' : '\n'),
      )
    }
    return `-- What the migrations of this folder make together. Written by \`npm run generate:schema\`; never edited.\n\n${parts.join('\n\n')}\n`
  } finally {
    await client.end()
  }
}

/** `schema.table` of every table of ours, in order. */
export async function listTables(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<[string]>({
      text: `select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and ${OURS} order by 1`,
      rowMode: 'array',
    })
    return rows.map(([name]) => name)
  } finally {
    await client.end()
  }
}
