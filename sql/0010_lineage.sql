-- Who could be behind what signs somebody in: each person through whose link, session or token it came to be, transitively.
-- Nobody: the host's own word. `unknown`: of before this was written down, or by a token that nobody answers for; then nobody
-- counts as another person until somebody at the host vouches.
alter table access.sign_in_links add column made_by text not null default 'unknown';
alter table access.sign_in_links add column behind text[] not null default '{unknown}';
alter table access.sessions add column behind text[] not null default '{unknown}';
alter table access.passkeys add column behind text[] not null default '{unknown}';
alter table access.passkeys add column vouched_at bigint;
alter table access.tokens add column behind text[] not null default '{unknown}';
alter table access.approvals add column behind text[] not null default '{unknown}';
create index sign_in_links_of on access.sign_in_links (person, created_at);

-- A passkey is added in the session in which it was begun, and by who has one already with one of theirs.
alter table access.challenges drop constraint challenges_purpose_check;
alter table access.challenges add constraint challenges_purpose_check
  check (purpose in ('register', 'prove', 'sign-in', 'approve'));
alter table access.challenges add column session text references access.sessions;
