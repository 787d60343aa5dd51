-- What the migrations of this folder make together. Written by `npm run generate:schema`; never edited.

create schema access;
create schema changes;
create schema fleet;
create schema isolation;
create schema kernel;
create schema location;
create schema pledges;

create table access.challenges (
  challenge text not null,
  person text,
  purpose text not null,
  expires_at bigint not null,
  constraint challenges_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint challenges_pkey PRIMARY KEY (challenge),
  constraint challenges_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign-in'::text])))
);

create table access.passkeys (
  credential_id text not null,
  person text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}'::text[],
  name text not null,
  created_at bigint not null,
  last_used_at bigint,
  constraint passkeys_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint passkeys_pkey PRIMARY KEY (credential_id)
);

create table access.people (
  id text not null,
  email text not null,
  name text not null,
  role text not null,
  created_at bigint not null,
  disabled_at bigint,
  constraint people_pkey PRIMARY KEY (id),
  constraint people_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'auditor'::text])))
);

create table access.sessions (
  id text not null,
  person text not null,
  token_hash bytea not null,
  method text not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  constraint sessions_method_check CHECK ((method = ANY (ARRAY['link'::text, 'passkey'::text]))),
  constraint sessions_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash)
);

create table access.sign_in_links (
  id text not null,
  person text not null,
  token_hash bytea not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  constraint sign_in_links_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint sign_in_links_pkey PRIMARY KEY (id),
  constraint sign_in_links_token_hash_key UNIQUE (token_hash)
);

create table access.tokens (
  id text not null,
  name text not null,
  token_hash bytea not null,
  scopes text[] not null,
  role text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint,
  constraint tokens_pkey PRIMARY KEY (id),
  constraint tokens_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'auditor'::text]))),
  constraint tokens_token_hash_key UNIQUE (token_hash)
);

create table changes.changes (
  id text not null,
  action text not null,
  actor text not null,
  idempotency_key text,
  request_sha256 bytea not null,
  state text not null,
  response jsonb,
  created_at bigint not null,
  ended_at bigint,
  constraint changes_actor_idempotency_key_key UNIQUE (actor, idempotency_key),
  constraint changes_pkey PRIMARY KEY (id),
  constraint changes_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'done'::text, 'refused'::text, 'abandoned'::text])))
);

create table changes.outbox (
  "position" bigint generated always as identity not null,
  key text not null,
  stream text not null,
  subject text not null,
  region text not null,
  type text not null,
  event jsonb not null,
  created_at bigint not null,
  constraint outbox_key_key UNIQUE (key),
  constraint outbox_pkey PRIMARY KEY ("position"),
  constraint outbox_stream_check CHECK ((stream = ANY (ARRAY['event'::text, 'audit'::text, 'error'::text, 'administrator'::text, 'operator'::text])))
);

create table fleet.account_events (
  id text not null,
  account text not null,
  at bigint not null,
  type text not null,
  actor text not null,
  data jsonb not null default '{}'::jsonb,
  constraint account_events_account_fkey FOREIGN KEY (account) REFERENCES fleet.accounts(id),
  constraint account_events_pkey PRIMARY KEY (id)
);

create table fleet.accounts (
  id text not null,
  slug text not null,
  company text not null,
  email text not null,
  country text not null,
  region text not null,
  time_zone text not null,
  plan text not null,
  state text not null,
  trial_ends_on date,
  created_at bigint not null,
  constraint accounts_check CHECK (((plan = 'trial'::text) = (trial_ends_on IS NOT NULL))),
  constraint accounts_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_plan_check CHECK ((plan = ANY (ARRAY['trial'::text, 'free'::text, 'paid'::text]))),
  constraint accounts_region_fkey FOREIGN KEY (region) REFERENCES fleet.regions(id),
  constraint accounts_slug_check CHECK ((slug ~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'::text)),
  constraint accounts_slug_key UNIQUE (slug),
  constraint accounts_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'deleted'::text])))
);

create table fleet.apps (
  name text not null,
  created_at bigint not null,
  constraint apps_name_check CHECK ((name ~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'::text)),
  constraint apps_pkey PRIMARY KEY (name)
);

create table fleet.instances (
  id text not null,
  account text not null,
  region text not null,
  host text not null,
  release text not null,
  desired text not null,
  observed text not null,
  step text not null,
  secrets text,
  socket text,
  limits jsonb,
  failure text,
  attempts integer not null default 0,
  retry_at bigint,
  last_request_at bigint not null,
  last_used_at bigint,
  open_requests integer not null default 0,
  created_at bigint not null,
  changed_at bigint not null,
  destroyed_at bigint,
  constraint instances_account_fkey FOREIGN KEY (account) REFERENCES fleet.accounts(id),
  constraint instances_desired_check CHECK ((desired = ANY (ARRAY['awake'::text, 'asleep'::text, 'suspended'::text, 'destroyed'::text]))),
  constraint instances_host_key UNIQUE (host),
  constraint instances_observed_check CHECK ((observed = ANY (ARRAY['absent'::text, 'asleep'::text, 'starting'::text, 'awake'::text, 'stopping'::text, 'failed'::text, 'destroyed'::text]))),
  constraint instances_pkey PRIMARY KEY (id),
  constraint instances_region_fkey FOREIGN KEY (region) REFERENCES fleet.regions(id),
  constraint instances_release_fkey FOREIGN KEY (release) REFERENCES fleet.releases(id),
  constraint instances_step_check CHECK ((step = ANY (ARRAY['registered'::text, 'keyed'::text, 'sealed'::text, 'provisioned'::text, 'removed'::text, 'key-destroyed'::text])))
);

create table fleet.regions (
  id text not null,
  "position" integer not null,
  constraint regions_pkey PRIMARY KEY (id),
  constraint regions_position_key UNIQUE ("position")
);

create table fleet.releases (
  id text not null,
  app text not null,
  version text not null,
  sha256 text not null,
  manifest jsonb not null,
  size_bytes bigint not null,
  created_at bigint not null,
  constraint releases_app_fkey FOREIGN KEY (app) REFERENCES fleet.apps(name),
  constraint releases_app_version_key UNIQUE (app, version),
  constraint releases_pkey PRIMARY KEY (id),
  constraint releases_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table fleet.shipped_output (
  instance text not null,
  file text not null,
  offset_bytes bigint not null,
  constraint shipped_output_instance_fkey FOREIGN KEY (instance) REFERENCES fleet.instances(id),
  constraint shipped_output_pkey PRIMARY KEY (instance, file)
);

create table fleet.waiting_output (
  instance text not null,
  since bigint not null,
  constraint waiting_output_instance_fkey FOREIGN KEY (instance) REFERENCES fleet.instances(id),
  constraint waiting_output_pkey PRIMARY KEY (instance)
);

create table isolation.probes (
  instance text not null,
  state text not null,
  was text not null,
  uid bigint,
  tries jsonb not null,
  probed_at bigint not null,
  took_ms integer not null,
  constraint probes_pkey PRIMARY KEY (instance),
  constraint probes_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'broken'::text, 'unknown'::text]))),
  constraint probes_was_check CHECK ((was = ANY (ARRAY['asleep'::text, 'awake'::text])))
);

create table kernel.migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (name)
);

create table location.artefacts (
  place text not null,
  store text not null,
  path text not null,
  kind text not null,
  instance text,
  promised text,
  observed text,
  is_inside boolean,
  reason text,
  size_bytes bigint,
  seen_at bigint not null,
  constraint artefacts_pkey PRIMARY KEY (place)
);

create table pledges.overviews (
  id text not null,
  hash text not null,
  text text not null,
  content jsonb not null,
  proposed_by text not null,
  proposed_at bigint not null,
  approved_by text,
  approved_at bigint,
  constraint overviews_check CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
  constraint overviews_pkey PRIMARY KEY (id)
);

create table pledges.requests (
  pledge text not null,
  asked_at bigint not null,
  constraint requests_pkey PRIMARY KEY (pledge)
);

create table pledges.transitions (
  pledge text not null,
  at bigint not null,
  state text not null,
  reason text not null,
  population jsonb,
  constraint transitions_pkey PRIMARY KEY (pledge, at),
  constraint transitions_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'broken'::text, 'unknown'::text, 'unexercised'::text])))
);

create table pledges.verdicts (
  pledge text not null,
  state text not null,
  reason text not null,
  remedy text,
  population jsonb,
  findings jsonb not null,
  proved_at bigint not null,
  took_ms integer not null,
  since bigint not null,
  logged_at bigint not null,
  constraint verdicts_pkey PRIMARY KEY (pledge),
  constraint verdicts_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'broken'::text, 'unknown'::text, 'unexercised'::text])))
);

CREATE UNIQUE INDEX people_email ON access.people USING btree (lower(email));
CREATE INDEX changes_open ON changes.changes USING btree (created_at) WHERE (state = 'intended'::text);
CREATE INDEX account_events_of ON fleet.account_events USING btree (account, at, id);
CREATE INDEX accounts_created ON fleet.accounts USING btree (created_at, id);
CREATE INDEX instances_awake ON fleet.instances USING btree (last_request_at) WHERE (observed = 'awake'::text);
CREATE UNIQUE INDEX instances_of_account ON fleet.instances USING btree (account) WHERE (destroyed_at IS NULL);
CREATE INDEX instances_unsettled ON fleet.instances USING btree (changed_at) WHERE ((destroyed_at IS NULL) AND (((desired = 'awake'::text) AND (observed <> 'awake'::text)) OR ((desired = ANY (ARRAY['asleep'::text, 'suspended'::text])) AND (observed <> 'asleep'::text)) OR (desired = 'destroyed'::text)));
CREATE INDEX probes_oldest ON isolation.probes USING btree (probed_at);
CREATE INDEX artefacts_in_region ON location.artefacts USING btree (observed, place);
CREATE INDEX artefacts_of_instance ON location.artefacts USING btree (instance, place);
CREATE INDEX artefacts_outside ON location.artefacts USING btree (place) WHERE (is_inside IS DISTINCT FROM true);
CREATE INDEX overviews_in_force ON pledges.overviews USING btree (approved_at DESC) WHERE (approved_at IS NOT NULL);

CREATE OR REPLACE FUNCTION fleet.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end $function$
;

CREATE OR REPLACE FUNCTION fleet.refuse_other_region()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.region is distinct from old.region then
    raise exception 'the region of % is frozen at %', old.id, old.region using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION fleet.require_account_region()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.region <> (select region from fleet.accounts where id = new.account) then
    raise exception 'instance % would leave the region of its account', new.id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $function$
;

CREATE TRIGGER account_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fleet.account_events FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER account_region_is_frozen BEFORE UPDATE ON fleet.accounts FOR EACH ROW EXECUTE FUNCTION fleet.refuse_other_region();
CREATE TRIGGER instance_in_account_region BEFORE INSERT ON fleet.instances FOR EACH ROW EXECUTE FUNCTION fleet.require_account_region();
CREATE TRIGGER instance_region_is_frozen BEFORE UPDATE ON fleet.instances FOR EACH ROW EXECUTE FUNCTION fleet.refuse_other_region();
CREATE TRIGGER releases_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fleet.releases FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER transitions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pledges.transitions FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();

grant delete, insert, select, update on access.challenges to borgen_server;
grant insert, select, update on access.passkeys to borgen_server;
grant insert, select, update on access.people to borgen_server;
grant insert, select, update on access.sessions to borgen_server;
grant insert, select, update on access.sign_in_links to borgen_server;
grant insert, select, update on access.tokens to borgen_server;
grant delete, insert, select, update on changes.changes to borgen_server;
grant select, update on changes.changes to borgen_worker;
grant insert, select (key) on changes.outbox to borgen_prover;
grant delete, insert, select, update on changes.outbox to borgen_server;
grant delete, insert, select, update on changes.outbox to borgen_worker;
grant select on fleet.account_events to borgen_prover;
grant insert, select on fleet.account_events to borgen_server;
grant insert, select on fleet.account_events to borgen_worker;
grant select on fleet.accounts to borgen_prover;
grant insert, select, update (company, email, plan, state, trial_ends_on) on fleet.accounts to borgen_server;
grant select, update (state) on fleet.accounts to borgen_worker;
grant select on fleet.apps to borgen_prover;
grant insert, select on fleet.apps to borgen_server;
grant select on fleet.apps to borgen_worker;
grant select on fleet.instances to borgen_prover;
grant insert, select, update (attempts, changed_at, desired, last_request_at, last_used_at, open_requests, retry_at) on fleet.instances to borgen_server;
grant select, update (attempts, changed_at, desired, destroyed_at, failure, limits, observed, retry_at, secrets, socket, step) on fleet.instances to borgen_worker;
grant select on fleet.regions to borgen_prover;
grant select on fleet.regions to borgen_server;
grant select on fleet.regions to borgen_worker;
grant select on fleet.releases to borgen_prover;
grant insert, select on fleet.releases to borgen_server;
grant select on fleet.releases to borgen_worker;
grant select on fleet.shipped_output to borgen_prover;
grant select on fleet.shipped_output to borgen_server;
grant delete, insert, select, update on fleet.shipped_output to borgen_worker;
grant select on fleet.waiting_output to borgen_prover;
grant select on fleet.waiting_output to borgen_server;
grant delete, insert, select on fleet.waiting_output to borgen_worker;
grant delete, insert, select, update on isolation.probes to borgen_prover;
grant select on isolation.probes to borgen_server;
grant select on kernel.migrations to borgen_prover;
grant select on kernel.migrations to borgen_server;
grant select on kernel.migrations to borgen_worker;
grant delete, insert, select, update on location.artefacts to borgen_prover;
grant select on location.artefacts to borgen_server;
grant select on pledges.overviews to borgen_prover;
grant insert, select, update (approved_at, approved_by) on pledges.overviews to borgen_server;
grant select on pledges.overviews to borgen_worker;
grant delete, select on pledges.requests to borgen_prover;
grant insert, select, update (asked_at) on pledges.requests to borgen_server;
grant select on pledges.requests to borgen_worker;
grant insert, select on pledges.transitions to borgen_prover;
grant select on pledges.transitions to borgen_server;
grant select on pledges.transitions to borgen_worker;
grant insert, select, update on pledges.verdicts to borgen_prover;
grant select on pledges.verdicts to borgen_server;
grant select on pledges.verdicts to borgen_worker;
grant usage on schema access to borgen_prover;
grant usage on schema access to borgen_server;
grant usage on schema access to borgen_worker;
grant usage on schema changes to borgen_prover;
grant usage on schema changes to borgen_server;
grant usage on schema changes to borgen_worker;
grant usage on schema fleet to borgen_prover;
grant usage on schema fleet to borgen_server;
grant usage on schema fleet to borgen_worker;
grant usage on schema isolation to borgen_prover;
grant usage on schema isolation to borgen_server;
grant usage on schema isolation to borgen_worker;
grant usage on schema kernel to borgen_prover;
grant usage on schema kernel to borgen_server;
grant usage on schema kernel to borgen_worker;
grant usage on schema location to borgen_prover;
grant usage on schema location to borgen_server;
grant usage on schema location to borgen_worker;
grant usage on schema pledges to borgen_prover;
grant usage on schema pledges to borgen_server;
grant usage on schema pledges to borgen_worker;
