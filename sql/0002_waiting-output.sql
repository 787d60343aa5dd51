-- Instances whose output has waited for the log for long, so that people are told of it.
create table fleet.waiting_output (
  instance text primary key references fleet.instances,
  since bigint not null
);
grant select on fleet.waiting_output to borgen_server, borgen_prover;
grant select, insert, delete on fleet.waiting_output to borgen_worker;
