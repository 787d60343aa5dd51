-- Promises: what is promised (overviews), what the proofs last found (verdicts), and how that went over time (transitions).
create schema pledges;

-- A vendor's overview as it was proposed; the one approved last is in force. Without any, the register's defaults are.
create table pledges.overviews (
  id text primary key,
  hash text not null,
  text text not null,
  -- what it promises: by pledge id the values, the words and why it is dropped
  content jsonb not null,
  proposed_by text not null,
  proposed_at bigint not null,
  approved_by text,
  approved_at bigint,
  check ((approved_by is null) = (approved_at is null))
);
create index overviews_in_force on pledges.overviews (approved_at desc) where approved_at is not null;

-- What a proof found last. How old that may be is judged when it is read.
create table pledges.verdicts (
  pledge text primary key,
  state text not null check (state in ('kept', 'broken', 'unknown', 'unexercised')),
  reason text not null,
  remedy text,
  population jsonb,
  findings jsonb not null,
  proved_at bigint not null,
  took_ms integer not null,
  -- when this state began
  since bigint not null,
  -- when it was last written to the log
  logged_at bigint not null
);

-- Each change of a verdict, for good: the strip of days and the public list of misses are read from here.
create table pledges.transitions (
  pledge text not null,
  at bigint not null,
  state text not null check (state in ('kept', 'broken', 'unknown', 'unexercised')),
  reason text not null,
  population jsonb,
  primary key (pledge, at)
);
create trigger transitions_append_only before update or delete or truncate on pledges.transitions
  for each statement execute function fleet.refuse_change();

-- Proofs that somebody asked for now.
create table pledges.requests (
  pledge text primary key,
  asked_at bigint not null
);

grant usage on schema pledges to borgen_server, borgen_worker, borgen_prover;
grant select on all tables in schema pledges to borgen_server, borgen_worker, borgen_prover;
grant insert on pledges.overviews, pledges.requests to borgen_server;
grant update (approved_by, approved_at) on pledges.overviews to borgen_server;
grant update (asked_at) on pledges.requests to borgen_server;
grant insert, update on pledges.verdicts to borgen_prover;
grant insert on pledges.transitions to borgen_prover;
grant delete on pledges.requests to borgen_prover;
-- the key is what a repetition is known by
grant insert, select (key) on changes.outbox to borgen_prover;
