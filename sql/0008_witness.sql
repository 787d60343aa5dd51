-- Who cosigns the log: what each witness last said to the worker that carries checkpoints to it. Replaced at each try.
create schema logs;

create table logs.witnesses (
  -- the witness's public key, by which it is known
  key text primary key,
  name text not null,
  url text not null,
  state text not null check (state in ('cosigned', 'refused', 'silent')),
  -- why it did not cosign; null when it did
  reason text,
  tried_at bigint not null,
  -- when this state began
  since bigint not null
);

grant usage on schema logs to borgen_server, borgen_worker, borgen_prover;
grant select on logs.witnesses to borgen_server, borgen_worker, borgen_prover;
grant insert, update, delete on logs.witnesses to borgen_worker;
