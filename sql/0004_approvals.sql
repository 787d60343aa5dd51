-- Approvals: what a second person must agree to, what was previewed of it, and who decided.
create table access.approvals (
  id text primary key,
  kind text not null,
  -- what is approved, as JSON text: exactly this was previewed, and its SHA-256 is what the second person signs
  content text not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  requested_by text not null,
  -- the person behind who asked; null where nobody can be named
  requester text references access.people,
  -- whether one person alone may approve it, where there is only one who could
  may_alone boolean not null,
  requested_at bigint not null,
  expires_at bigint not null,
  -- `approved`: agreed to, and not yet carried out by who answers for its kind
  state text not null check (state in ('open', 'approved', 'carried-out', 'refused', 'withdrawn', 'expired')),
  manner text check (manner in ('second person', 'one person')),
  decided_by text,
  decided_at bigint,
  reason text,
  carried_out_at bigint,
  check ((state = 'open') = (decided_at is null)),
  check ((state in ('approved', 'carried-out')) = (manner is not null)),
  check ((state = 'carried-out') = (carried_out_at is not null))
);
create index approvals_open on access.approvals (expires_at) where state = 'open';
create index approvals_newest on access.approvals (requested_at desc);

-- A code stands in for a passkey once: for one person and one approval, within ten minutes. Only its hash is kept.
create table access.approval_codes (
  id text primary key,
  approval text not null references access.approvals,
  person text not null references access.people,
  code_hash bytea not null unique,
  made_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);

-- A challenge to approve is made of a nonce and the digest of what is approved.
alter table access.challenges drop constraint challenges_purpose_check;
alter table access.challenges add constraint challenges_purpose_check
  check (purpose in ('register', 'sign-in', 'approve'));
alter table access.challenges add column approval text references access.approvals;
alter table access.challenges add column nonce text;

grant select, insert on access.approvals, access.approval_codes to borgen_server;
grant update (state, manner, decided_by, decided_at, reason, carried_out_at) on access.approvals to borgen_server;
grant update (used_at) on access.approval_codes to borgen_server;
-- the worker ends what nobody answered in time, and carries out what was agreed to
grant select on access.approvals to borgen_worker;
grant update (state, decided_at, reason, carried_out_at) on access.approvals to borgen_worker;

-- Overviews: how each came into force. The log leads; a row that the log does not know is annulled, never removed.
alter table pledges.overviews add column approval text references access.approvals;
alter table pledges.overviews add column manner text check (manner in ('second person', 'one person', 'demo'));
alter table pledges.overviews add column based_on text;
-- which entry of the log it was brought back from, by the id that it has there
alter table pledges.overviews add column restores text;
alter table pledges.overviews add column annulled_at bigint;
alter table pledges.overviews add column annulled_because text;
grant update (manner, annulled_at, annulled_because) on pledges.overviews to borgen_server;

-- The public, dated line that each change of a promise leaves, in each language, for good.
create table pledges.public_lines (
  position bigint generated always as identity primary key,
  overview text not null references pledges.overviews,
  -- null: a change that is of no single promise
  pledge text,
  what text not null check (what in ('value', 'words', 'dropped', 'taken up', 'vendor')),
  parameter text,
  from_value text,
  to_value text,
  line_en text not null,
  line_sv text not null,
  manner text not null check (manner in ('second person', 'one person', 'demo')),
  by text not null,
  at bigint not null
);
create index public_lines_of on pledges.public_lines (pledge, at);
create trigger public_lines_append_only before update or delete or truncate on pledges.public_lines
  for each statement execute function fleet.refuse_change();

-- What a person signs was done: of which part of which promise, about what, with which evidence, and for how long.
create table pledges.attestations (
  id text primary key,
  pledge text not null,
  -- null: of every part of the sentence
  part text,
  subject text not null,
  statement text not null,
  -- SHA-256 of the file, under which it lies in the data folder
  evidence_hash text check (evidence_hash ~ '^[0-9a-f]{64}$'),
  evidence_name text,
  evidence_bytes bigint,
  signed_by text not null,
  signed_at bigint not null,
  approval text references access.approvals,
  approved_by text,
  approved_at bigint,
  expires_at bigint not null,
  -- of a demo world: nothing was looked at, and every verdict that leans on it says so
  simulated boolean not null default false,
  withdrawn_by text,
  withdrawn_at bigint,
  withdrawn_because text,
  check ((approved_by is null) = (approved_at is null)),
  check ((withdrawn_by is null) = (withdrawn_at is null)),
  check ((evidence_hash is null) = (evidence_name is null))
);
create index attestations_of on pledges.attestations (pledge, expires_at) where approved_at is not null;

grant select on pledges.public_lines, pledges.attestations to borgen_server, borgen_worker, borgen_prover;
grant insert on pledges.public_lines, pledges.attestations to borgen_server;
grant update (approved_by, approved_at, withdrawn_by, withdrawn_at, withdrawn_because) on pledges.attestations to borgen_server;
