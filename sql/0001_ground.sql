-- Roles exist once per cluster; the supervisor gives those that need it a password and login.
do $$
declare wanted text;
begin
  foreach wanted in array array['borgen_server', 'borgen_worker', 'borgen_prover'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
end $$;

-- access: who may do what -------------------------------------------------------------------------

create schema access;

create table access.people (
  id text primary key,
  email text not null,
  name text not null,
  role text not null check (role in ('owner', 'operator', 'auditor')),
  created_at bigint not null,
  disabled_at bigint
);
-- one person, one address, however it is written
create unique index people_email on access.people (lower(email));

-- A link signs in once; only its hash is kept.
create table access.sign_in_links (
  id text primary key,
  person text not null references access.people,
  token_hash bytea not null unique,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);

create table access.sessions (
  id text primary key,
  person text not null references access.people,
  token_hash bytea not null unique,
  method text not null check (method in ('link', 'passkey')),
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint
);

create table access.passkeys (
  credential_id text primary key,
  person text not null references access.people,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null,
  created_at bigint not null,
  last_used_at bigint
);

-- A challenge is answered at most once.
create table access.challenges (
  challenge text primary key,
  person text references access.people,
  purpose text not null check (purpose in ('register', 'sign-in')),
  expires_at bigint not null
);

create table access.tokens (
  id text primary key,
  name text not null,
  token_hash bytea not null unique,
  scopes text[] not null,
  role text not null check (role in ('owner', 'operator', 'auditor')),
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint
);

-- changes: every change, once, with its way into the log ---------------------------------------------

create schema changes;

create table changes.changes (
  id text primary key,
  action text not null,
  actor text not null,
  idempotency_key text,
  request_sha256 bytea not null,
  state text not null check (state in ('intended', 'done', 'refused', 'abandoned')),
  response jsonb,
  created_at bigint not null,
  ended_at bigint,
  -- a repeated request finds its first answer
  unique (actor, idempotency_key)
);
create index changes_open on changes.changes (created_at) where state = 'intended';

-- What must still reach the log. A row is written in the transaction of its effect and leaves when the log has it.
create table changes.outbox (
  position bigint generated always as identity primary key,
  key text not null unique,
  stream text not null check (stream in ('event', 'audit', 'error', 'administrator', 'operator')),
  subject text not null,
  region text not null,
  type text not null,
  event jsonb not null,
  created_at bigint not null
);

-- fleet: accounts, apps, instances ---------------------------------------------------------------------

create schema fleet;

create table fleet.regions (
  id text primary key,
  position int not null unique
);
insert into fleet.regions (id, position) values
  ('us', 1), ('uk', 2), ('eu-ireland', 3), ('eu-frankfurt', 4),
  ('australia', 5), ('singapore', 6), ('japan', 7), ('india', 8);

create table fleet.accounts (
  id text primary key,
  slug text not null unique check (slug ~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'),
  company text not null,
  email text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  region text not null references fleet.regions,
  time_zone text not null,
  plan text not null check (plan in ('trial', 'free', 'paid')),
  state text not null check (state in ('active', 'suspended', 'deleted')),
  trial_ends_on date,
  created_at bigint not null,
  check ((plan = 'trial') = (trial_ends_on is not null))
);
create index accounts_created on fleet.accounts (created_at, id);

-- What happened to an account; never changed, never removed while the account exists.
create table fleet.account_events (
  id text primary key,
  account text not null references fleet.accounts,
  at bigint not null,
  type text not null,
  actor text not null,
  data jsonb not null default '{}'
);
create index account_events_of on fleet.account_events (account, at, id);

create table fleet.apps (
  name text primary key check (name ~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'),
  created_at bigint not null
);

create table fleet.releases (
  id text primary key,
  app text not null references fleet.apps,
  version text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  manifest jsonb not null,
  size_bytes bigint not null,
  created_at bigint not null,
  -- a version means the same bytes for ever
  unique (app, version)
);

create table fleet.instances (
  id text primary key,
  account text not null references fleet.accounts,
  region text not null references fleet.regions,
  host text not null unique,
  release text not null references fleet.releases,
  desired text not null check (desired in ('awake', 'asleep', 'suspended', 'destroyed')),
  observed text not null check (observed in ('absent', 'asleep', 'starting', 'awake', 'stopping', 'failed', 'destroyed')),
  -- the step of provisioning or destruction that was completed last
  step text not null check (step in ('registered', 'keyed', 'sealed', 'provisioned', 'removed', 'key-destroyed')),
  -- sealed: by the server for the worker first, under the instance's own key from step 'sealed' on
  secrets text,
  socket text,
  limits jsonb,
  failure text,
  attempts int not null default 0,
  retry_at bigint,
  -- any request keeps it awake; only what the manifest's `activity` names counts as use
  last_request_at bigint not null,
  last_used_at bigint,
  open_requests int not null default 0,
  created_at bigint not null,
  changed_at bigint not null,
  destroyed_at bigint
);
-- an account has one instance at a time
create unique index instances_of_account on fleet.instances (account) where destroyed_at is null;
create index instances_unsettled on fleet.instances (changed_at)
  where destroyed_at is null and (
    (desired = 'awake' and observed <> 'awake') or
    (desired in ('asleep', 'suspended') and observed <> 'asleep') or desired = 'destroyed');
create index instances_awake on fleet.instances (last_request_at) where observed = 'awake';

-- How far an instance's output has been carried into the log.
create table fleet.shipped_output (
  instance text not null references fleet.instances,
  file text not null,
  offset_bytes bigint not null,
  primary key (instance, file)
);

-- The region is chosen once (pledge location.pinned).
create function fleet.refuse_other_region() returns trigger language plpgsql as $$
begin
  if new.region is distinct from old.region then
    raise exception 'the region of % is frozen at %', old.id, old.region using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger account_region_is_frozen before update on fleet.accounts
  for each row execute function fleet.refuse_other_region();
create trigger instance_region_is_frozen before update on fleet.instances
  for each row execute function fleet.refuse_other_region();

-- An instance lies in the region of its account.
create function fleet.require_account_region() returns trigger language plpgsql as $$
begin
  if new.region <> (select region from fleet.accounts where id = new.account) then
    raise exception 'instance % would leave the region of its account', new.id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger instance_in_account_region before insert on fleet.instances
  for each row execute function fleet.require_account_region();

create function fleet.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
create trigger account_events_append_only before update or delete or truncate on fleet.account_events
  for each statement execute function fleet.refuse_change();
create trigger releases_append_only before update or delete or truncate on fleet.releases
  for each statement execute function fleet.refuse_change();

-- Who may touch what: the server writes wishes, the worker writes what it saw, the prover reads. -------------

grant usage on schema access, changes, fleet, kernel to borgen_server, borgen_worker, borgen_prover;
grant select on all tables in schema fleet, kernel to borgen_server, borgen_worker, borgen_prover;
grant select, insert, update on all tables in schema access, changes to borgen_server;
grant delete on access.challenges, changes.outbox, changes.changes to borgen_server;
grant insert on fleet.accounts, fleet.account_events, fleet.apps, fleet.releases, fleet.instances to borgen_server;
grant update (plan, state, trial_ends_on, company, email) on fleet.accounts to borgen_server;
grant update (desired, last_request_at, last_used_at, open_requests, changed_at, retry_at, attempts) on fleet.instances to borgen_server;
grant select, insert, update, delete on changes.outbox to borgen_worker;
grant select, update on changes.changes to borgen_worker;
grant insert on fleet.account_events to borgen_worker;
grant update (state) on fleet.accounts to borgen_worker;
grant update (desired, observed, step, secrets, socket, limits, failure, attempts, retry_at, changed_at, destroyed_at)
  on fleet.instances to borgen_worker;
grant select, insert, update, delete on fleet.shipped_output to borgen_worker;
