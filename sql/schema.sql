-- What the migrations of this folder make together. Written by `npm run generate:schema`; never edited.

create schema access;
create schema changes;
create schema demo;
create schema fleet;
create schema isolation;
create schema kernel;
create schema location;
create schema logs;
create schema pledges;

create table access.approval_codes (
  id text not null,
  approval text not null,
  person text not null,
  code_hash bytea not null,
  made_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  constraint approval_codes_approval_fkey FOREIGN KEY (approval) REFERENCES access.approvals(id),
  constraint approval_codes_code_hash_key UNIQUE (code_hash),
  constraint approval_codes_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint approval_codes_pkey PRIMARY KEY (id)
);

create table access.approvals (
  id text not null,
  kind text not null,
  content text not null,
  digest text not null,
  requested_by text not null,
  requester text,
  may_alone boolean not null,
  requested_at bigint not null,
  expires_at bigint not null,
  state text not null,
  manner text,
  decided_by text,
  decided_at bigint,
  reason text,
  carried_out_at bigint,
  behind text[] not null default '{unknown}'::text[],
  constraint approvals_check CHECK (((state = 'open'::text) = (decided_at IS NULL))),
  constraint approvals_check1 CHECK (((state = ANY (ARRAY['approved'::text, 'carried-out'::text])) = (manner IS NOT NULL))),
  constraint approvals_check2 CHECK (((state = 'carried-out'::text) = (carried_out_at IS NOT NULL))),
  constraint approvals_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  constraint approvals_manner_check CHECK ((manner = ANY (ARRAY['second person'::text, 'one person'::text]))),
  constraint approvals_pkey PRIMARY KEY (id),
  constraint approvals_requester_fkey FOREIGN KEY (requester) REFERENCES access.people(id),
  constraint approvals_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'carried-out'::text, 'refused'::text, 'withdrawn'::text, 'expired'::text])))
);

create table access.challenges (
  challenge text not null,
  person text,
  purpose text not null,
  expires_at bigint not null,
  approval text,
  nonce text,
  session text,
  constraint challenges_approval_fkey FOREIGN KEY (approval) REFERENCES access.approvals(id),
  constraint challenges_person_fkey FOREIGN KEY (person) REFERENCES access.people(id),
  constraint challenges_pkey PRIMARY KEY (challenge),
  constraint challenges_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'prove'::text, 'sign-in'::text, 'approve'::text]))),
  constraint challenges_session_fkey FOREIGN KEY (session) REFERENCES access.sessions(id)
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
  behind text[] not null default '{unknown}'::text[],
  vouched_at bigint,
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
  behind text[] not null default '{unknown}'::text[],
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
  made_by text not null default 'unknown'::text,
  behind text[] not null default '{unknown}'::text[],
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
  behind text[] not null default '{unknown}'::text[],
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

create table demo.advances (
  id text not null,
  from_offset_ms bigint not null,
  to_offset_ms bigint not null,
  asked_at bigint not null,
  asked_by text not null,
  steps integer not null default 0,
  item text,
  ended_at bigint,
  problem text,
  constraint advances_check CHECK ((to_offset_ms > from_offset_ms)),
  constraint advances_pkey PRIMARY KEY (id)
);

create table demo.clock (
  is_only boolean not null default true,
  offset_ms bigint not null,
  constraint clock_is_only_check CHECK (is_only),
  constraint clock_offset_ms_check CHECK ((offset_ms >= 0)),
  constraint clock_pkey PRIMARY KEY (is_only)
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

create table fleet.resources (
  instance text not null,
  at bigint not null,
  cpu_total_ms bigint,
  memory_bytes bigint,
  disk_bytes bigint,
  processes integer,
  state text not null,
  constraint resources_instance_fkey FOREIGN KEY (instance) REFERENCES fleet.instances(id),
  constraint resources_pkey PRIMARY KEY (instance, at),
  constraint resources_state_check CHECK ((state = ANY (ARRAY['starting'::text, 'awake'::text])))
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
  reason jsonb,
  size_bytes bigint,
  seen_at bigint not null,
  constraint artefacts_pkey PRIMARY KEY (place)
);

create table logs.witnesses (
  key text not null,
  name text not null,
  url text not null,
  state text not null,
  reason text,
  tried_at bigint not null,
  since bigint not null,
  constraint witnesses_pkey PRIMARY KEY (key),
  constraint witnesses_state_check CHECK ((state = ANY (ARRAY['cosigned'::text, 'refused'::text, 'silent'::text])))
);

create table pledges.attestations (
  id text not null,
  pledge text not null,
  part text,
  subject text not null,
  statement text not null,
  evidence_hash text,
  evidence_name text,
  evidence_bytes bigint,
  signed_by text not null,
  signed_at bigint not null,
  approval text,
  approved_by text,
  approved_at bigint,
  expires_at bigint not null,
  simulated boolean not null default false,
  withdrawn_by text,
  withdrawn_at bigint,
  withdrawn_because text,
  constraint attestations_approval_fkey FOREIGN KEY (approval) REFERENCES access.approvals(id),
  constraint attestations_check CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
  constraint attestations_check1 CHECK (((withdrawn_by IS NULL) = (withdrawn_at IS NULL))),
  constraint attestations_check2 CHECK (((evidence_hash IS NULL) = (evidence_name IS NULL))),
  constraint attestations_evidence_hash_check CHECK ((evidence_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint attestations_pkey PRIMARY KEY (id)
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
  approval text,
  manner text,
  based_on text,
  restores text,
  annulled_at bigint,
  annulled_because text,
  constraint overviews_approval_fkey FOREIGN KEY (approval) REFERENCES access.approvals(id),
  constraint overviews_check CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
  constraint overviews_manner_check CHECK ((manner = ANY (ARRAY['second person'::text, 'one person'::text, 'demo'::text]))),
  constraint overviews_pkey PRIMARY KEY (id)
);

create table pledges.public_lines (
  "position" bigint generated always as identity not null,
  overview text not null,
  pledge text,
  what text not null,
  parameter text,
  from_value text,
  to_value text,
  line_en text not null,
  line_sv text not null,
  manner text not null,
  by text not null,
  at bigint not null,
  constraint public_lines_manner_check CHECK ((manner = ANY (ARRAY['second person'::text, 'one person'::text, 'demo'::text]))),
  constraint public_lines_overview_fkey FOREIGN KEY (overview) REFERENCES pledges.overviews(id),
  constraint public_lines_pkey PRIMARY KEY ("position"),
  constraint public_lines_what_check CHECK ((what = ANY (ARRAY['value'::text, 'words'::text, 'dropped'::text, 'taken up'::text, 'vendor'::text])))
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
  reason jsonb not null,
  population jsonb,
  constraint transitions_pkey PRIMARY KEY (pledge, at),
  constraint transitions_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'broken'::text, 'unknown'::text, 'unexercised'::text])))
);

create table pledges.verdicts (
  pledge text not null,
  state text not null,
  reason jsonb not null,
  remedy jsonb,
  population jsonb,
  findings jsonb not null,
  proved_at bigint not null,
  took_ms integer not null,
  since bigint not null,
  logged_at bigint not null,
  constraint verdicts_pkey PRIMARY KEY (pledge),
  constraint verdicts_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'broken'::text, 'unknown'::text, 'unexercised'::text])))
);

CREATE INDEX approvals_newest ON access.approvals USING btree (requested_at DESC);
CREATE INDEX approvals_open ON access.approvals USING btree (expires_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX people_email ON access.people USING btree (lower(email));
CREATE INDEX sign_in_links_of ON access.sign_in_links USING btree (person, created_at);
CREATE INDEX changes_open ON changes.changes USING btree (created_at) WHERE (state = 'intended'::text);
CREATE UNIQUE INDEX advances_open ON demo.advances USING btree ((true)) WHERE (ended_at IS NULL);
CREATE INDEX account_events_of ON fleet.account_events USING btree (account, at, id);
CREATE INDEX accounts_by_company ON fleet.accounts USING btree (lower(company), id);
CREATE INDEX accounts_created ON fleet.accounts USING btree (created_at, id);
CREATE INDEX accounts_in_region ON fleet.accounts USING btree (region, created_at, id);
CREATE INDEX instances_awake ON fleet.instances USING btree (last_request_at) WHERE (observed = 'awake'::text);
CREATE INDEX instances_in_region ON fleet.instances USING btree (region, created_at, id);
CREATE INDEX instances_listed ON fleet.instances USING btree (created_at, id);
CREATE UNIQUE INDEX instances_of_account ON fleet.instances USING btree (account) WHERE (destroyed_at IS NULL);
CREATE INDEX instances_unsettled ON fleet.instances USING btree (changed_at) WHERE ((destroyed_at IS NULL) AND (((desired = 'awake'::text) AND (observed <> 'awake'::text)) OR ((desired = ANY (ARRAY['asleep'::text, 'suspended'::text])) AND (observed <> 'asleep'::text)) OR (desired = 'destroyed'::text)));
CREATE INDEX resources_by_age ON fleet.resources USING btree (at);
CREATE INDEX probes_oldest ON isolation.probes USING btree (probed_at);
CREATE INDEX artefacts_in_region ON location.artefacts USING btree (observed, place);
CREATE INDEX artefacts_of_instance ON location.artefacts USING btree (instance, place);
CREATE INDEX artefacts_outside ON location.artefacts USING btree (place) WHERE (is_inside IS DISTINCT FROM true);
CREATE INDEX attestations_of ON pledges.attestations USING btree (pledge, expires_at) WHERE (approved_at IS NOT NULL);
CREATE INDEX overviews_in_force ON pledges.overviews USING btree (approved_at DESC) WHERE (approved_at IS NOT NULL);
CREATE INDEX public_lines_of ON pledges.public_lines USING btree (pledge, at);

CREATE OR REPLACE FUNCTION demo.refuse_going_back()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.offset_ms < old.offset_ms then
    raise exception 'the demo''s clock cannot go back' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $function$
;

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

CREATE OR REPLACE FUNCTION kernel.announce()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare whose text;
begin
  if tg_nargs > 1 then
    execute format('select ($1).%I::text', tg_argv[1]) using new into whose;
  end if;
  perform pg_notify('borgen_changes', tg_argv[0] || coalesce(':' || whose, ''));
  return null;
end $function$
;

CREATE TRIGGER person_is_announced AFTER INSERT OR UPDATE ON access.people FOR EACH ROW EXECUTE FUNCTION kernel.announce('people', 'id');
CREATE TRIGGER session_end_is_announced AFTER UPDATE OF ended_at ON access.sessions FOR EACH ROW EXECUTE FUNCTION kernel.announce('sessions');
CREATE TRIGGER token_is_announced AFTER UPDATE OF revoked_at ON access.tokens FOR EACH ROW EXECUTE FUNCTION kernel.announce('people');
CREATE TRIGGER token_made_is_announced AFTER INSERT ON access.tokens FOR EACH ROW EXECUTE FUNCTION kernel.announce('people');
CREATE TRIGGER clock_goes_forward BEFORE UPDATE ON demo.clock FOR EACH ROW EXECUTE FUNCTION demo.refuse_going_back();
CREATE TRIGGER account_event_is_announced AFTER INSERT ON fleet.account_events FOR EACH ROW EXECUTE FUNCTION kernel.announce('accounts', 'account');
CREATE TRIGGER account_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fleet.account_events FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER account_is_announced AFTER INSERT OR UPDATE ON fleet.accounts FOR EACH ROW EXECUTE FUNCTION kernel.announce('accounts', 'id');
CREATE TRIGGER account_region_is_frozen BEFORE UPDATE ON fleet.accounts FOR EACH ROW EXECUTE FUNCTION fleet.refuse_other_region();
CREATE TRIGGER instance_in_account_region BEFORE INSERT ON fleet.instances FOR EACH ROW EXECUTE FUNCTION fleet.require_account_region();
CREATE TRIGGER instance_is_announced AFTER UPDATE ON fleet.instances FOR EACH ROW WHEN ((((((old.desired IS DISTINCT FROM new.desired) OR (old.observed IS DISTINCT FROM new.observed)) OR (old.step IS DISTINCT FROM new.step)) OR (old.failure IS DISTINCT FROM new.failure)) OR (old.release IS DISTINCT FROM new.release))) EXECUTE FUNCTION kernel.announce('instances', 'id');
CREATE TRIGGER instance_made_is_announced AFTER INSERT ON fleet.instances FOR EACH ROW EXECUTE FUNCTION kernel.announce('instances', 'id');
CREATE TRIGGER instance_region_is_frozen BEFORE UPDATE ON fleet.instances FOR EACH ROW EXECUTE FUNCTION fleet.refuse_other_region();
CREATE TRIGGER releases_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fleet.releases FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER overview_is_announced AFTER INSERT OR UPDATE ON pledges.overviews FOR EACH STATEMENT EXECUTE FUNCTION kernel.announce('promises');
CREATE TRIGGER public_lines_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pledges.public_lines FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER transitions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pledges.transitions FOR EACH STATEMENT EXECUTE FUNCTION fleet.refuse_change();
CREATE TRIGGER verdict_is_announced AFTER INSERT OR UPDATE ON pledges.verdicts FOR EACH ROW EXECUTE FUNCTION kernel.announce('promises', 'pledge');

grant insert, select, update (used_at) on access.approval_codes to borgen_server;
grant insert, select, update (carried_out_at, decided_at, decided_by, manner, reason, state) on access.approvals to borgen_server;
grant select, update (carried_out_at, decided_at, reason, state) on access.approvals to borgen_worker;
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
grant select on demo.advances to borgen_prover;
grant insert, select on demo.advances to borgen_server;
grant select, update (ended_at, item, problem, steps) on demo.advances to borgen_worker;
grant select on demo.clock to borgen_prover;
grant select on demo.clock to borgen_server;
grant insert, select, update on demo.clock to borgen_worker;
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
grant select on fleet.resources to borgen_prover;
grant select on fleet.resources to borgen_server;
grant delete, insert, select on fleet.resources to borgen_worker;
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
grant select on logs.witnesses to borgen_prover;
grant select on logs.witnesses to borgen_server;
grant delete, insert, select, update on logs.witnesses to borgen_worker;
grant select on pledges.attestations to borgen_prover;
grant insert, select, update (approved_at, approved_by, withdrawn_at, withdrawn_because, withdrawn_by) on pledges.attestations to borgen_server;
grant select on pledges.attestations to borgen_worker;
grant select on pledges.overviews to borgen_prover;
grant insert, select, update (annulled_at, annulled_because, approved_at, approved_by, manner) on pledges.overviews to borgen_server;
grant select on pledges.overviews to borgen_worker;
grant select on pledges.public_lines to borgen_prover;
grant insert, select on pledges.public_lines to borgen_server;
grant select on pledges.public_lines to borgen_worker;
grant delete, insert, select, update (asked_at) on pledges.requests to borgen_prover;
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
grant usage on schema demo to borgen_prover;
grant usage on schema demo to borgen_server;
grant usage on schema demo to borgen_worker;
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
grant usage on schema logs to borgen_prover;
grant usage on schema logs to borgen_server;
grant usage on schema logs to borgen_worker;
grant usage on schema pledges to borgen_prover;
grant usage on schema pledges to borgen_server;
grant usage on schema pledges to borgen_worker;
