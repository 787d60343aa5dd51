-- What awake instances use, a row a minute; a sleeping one uses nothing and has none. Kept for seven days.
create table fleet.resources (
  instance text not null references fleet.instances,
  at bigint not null,
  -- processor time since it was started; begins anew with each start
  cpu_total_ms bigint,
  memory_bytes bigint,
  disk_bytes bigint,
  processes int,
  state text not null check (state in ('starting', 'awake')),
  primary key (instance, at)
);
create index resources_by_age on fleet.resources (at);

grant select on fleet.resources to borgen_server, borgen_worker, borgen_prover;
grant insert, delete on fleet.resources to borgen_worker;

-- Lists of ten thousand are sorted and filtered by these.
create index instances_listed on fleet.instances (created_at, id);
create index instances_in_region on fleet.instances (region, created_at, id);
create index accounts_by_company on fleet.accounts (lower(company), id);
create index accounts_in_region on fleet.accounts (region, created_at, id);

-- Says on a channel what kind of row has changed and which one; for people who are looking, never for the keeping of a promise.
create function kernel.announce() returns trigger language plpgsql as $$
declare whose text;
begin
  if tg_nargs > 1 then
    execute format('select ($1).%I::text', tg_argv[1]) using new into whose;
  end if;
  perform pg_notify('borgen_changes', tg_argv[0] || coalesce(':' || whose, ''));
  return null;
end $$;

create trigger instance_made_is_announced after insert on fleet.instances
  for each row execute function kernel.announce('instances', 'id');
-- not for each request that it answers
create trigger instance_is_announced after update on fleet.instances
  for each row when ((old.desired, old.observed, old.step, old.failure, old.release)
    is distinct from (new.desired, new.observed, new.step, new.failure, new.release))
  execute function kernel.announce('instances', 'id');
create trigger account_is_announced after insert or update on fleet.accounts
  for each row execute function kernel.announce('accounts', 'id');
create trigger account_event_is_announced after insert on fleet.account_events
  for each row execute function kernel.announce('accounts', 'account');
create trigger verdict_is_announced after insert or update on pledges.verdicts
  for each row execute function kernel.announce('promises', 'pledge');
create trigger overview_is_announced after insert or update on pledges.overviews
  for each statement execute function kernel.announce('promises');
create trigger person_is_announced after insert or update on access.people
  for each row execute function kernel.announce('people', 'id');
create trigger token_made_is_announced after insert on access.tokens
  for each row execute function kernel.announce('people');
-- whoever looks on with what was taken away stops looking
create trigger token_is_announced after update of revoked_at on access.tokens
  for each row execute function kernel.announce('people');
create trigger session_end_is_announced after update of ended_at on access.sessions
  for each row execute function kernel.announce('sessions');
