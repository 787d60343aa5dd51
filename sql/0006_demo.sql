-- demo: the clock of a demo world. In every other world these tables stay empty, and nothing reads them.
create schema demo;

-- How far the world's clock is ahead of the machine's.
create table demo.clock (
  is_only boolean primary key default true check (is_only),
  offset_ms bigint not null check (offset_ms >= 0)
);
create function demo.refuse_going_back() returns trigger language plpgsql as $$
begin
  if new.offset_ms < old.offset_ms then
    raise exception 'the demo''s clock cannot go back' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger clock_goes_forward before update on demo.clock
  for each row execute function demo.refuse_going_back();

-- Each time that somebody advanced it, and how far that has come.
create table demo.advances (
  id text primary key,
  from_offset_ms bigint not null,
  to_offset_ms bigint not null check (to_offset_ms > from_offset_ms),
  -- by the machine's clock, like everything here that is not an offset
  asked_at bigint not null,
  asked_by text not null,
  -- how many due items it went through, and the last of them
  steps int not null default 0,
  item text,
  ended_at bigint,
  problem text
);
-- one at a time
create unique index advances_open on demo.advances ((true)) where ended_at is null;

grant usage on schema demo to borgen_server, borgen_worker, borgen_prover;
grant select on all tables in schema demo to borgen_server, borgen_worker, borgen_prover;
grant insert on demo.advances to borgen_server;
grant insert, update on demo.clock to borgen_worker;
grant update (steps, item, ended_at, problem) on demo.advances to borgen_worker;
