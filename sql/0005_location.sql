-- What attacks from inside found of each instance, and where every artefact was last seen.
create schema isolation;
create schema location;

-- The last look from inside each instance. How old that may be is judged when it is read.
create table isolation.probes (
  instance text primary key,
  state text not null check (state in ('kept', 'broken', 'unknown')),
  -- asleep or awake when it was looked at
  was text not null check (was in ('asleep', 'awake')),
  uid bigint,
  -- the tries, with their controls; those that reached something first
  tries jsonb not null,
  probed_at bigint not null,
  took_ms integer not null
);
create index probes_oldest on isolation.probes (probed_at);

-- Every artefact that the proof of places last saw, one row a thing in a store.
create table location.artefacts (
  -- store and path: where it lies
  place text primary key,
  store text not null,
  path text not null,
  kind text not null,
  -- whose it is; null where that could not be told
  instance text,
  -- the region that its instance was promised, the region in which it was seen
  promised text,
  observed text,
  is_inside boolean,
  reason text,
  size_bytes bigint,
  seen_at bigint not null
);
create index artefacts_of_instance on location.artefacts (instance, place);
create index artefacts_in_region on location.artefacts (observed, place);
create index artefacts_outside on location.artefacts (place) where is_inside is distinct from true;

grant usage on schema isolation, location to borgen_server, borgen_worker, borgen_prover;
grant select on all tables in schema isolation, location to borgen_server, borgen_prover;
grant insert, update, delete on isolation.probes, location.artefacts to borgen_prover;
-- a look between two proofs that found something asks for the proof
grant insert, update (asked_at) on pledges.requests to borgen_prover;
