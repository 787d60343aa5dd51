-- Ids are random so that a foreign id cannot be guessed. Money is whole minor units (öre, cents).

create table users (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email = lower(email)),
  name text not null,
  role text not null default 'member' check (role in ('admin', 'member')),
  password_hash text,
  invite_hash bytea,
  invite_expires_at timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- An invitation either has both or neither.
  check ((invite_hash is null) = (invite_expires_at is null))
);
create unique index users_email on users (email);

-- Only a hash of the token: a copy of the table does not open a session.
create table sessions (
  token_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  user_agent text not null default '',
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);

create table sign_in_failures (
  id bigint generated always as identity primary key,
  key bytea not null,
  at timestamptz not null default now()
);
create index sign_in_failures_key on sign_in_failures (key, at);

-- One row for the whole instance.
create table settings (
  one boolean primary key default true check (one),
  company_name text not null default 'Our company',
  org_number text,
  vat_number text,
  street text,
  postal_code text,
  city text,
  country char(2) not null default 'SE',
  iban text,
  email text,
  currency char(3) not null default 'SEK',
  payment_days int not null default 30 check (payment_days between 0 and 365),
  demo_seeded_at timestamptz,
  updated_at timestamptz not null default now()
);
insert into settings default values;

create table organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  industry text,
  website text,
  org_number text,
  vat_number text,
  street text,
  postal_code text,
  city text,
  country char(2),
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index organisations_name on organisations (lower(name));

-- phone, email and personal_number are the sensitive fields; they stay text so that they can be stored encrypted.
create table contacts (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid references organisations on delete set null,
  given_name text not null,
  family_name text not null default '',
  title text,
  email text,
  phone text,
  personal_number text,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index contacts_organisation on contacts (organisation_id);
create index contacts_name on contacts (lower(family_name), lower(given_name));

create table stages (
  id text primary key,
  name text not null,
  kind text not null check (kind in ('open', 'won', 'lost')),
  position int not null unique
);
insert into stages (id, name, kind, position) values
  ('lead', 'Lead', 'open', 1),
  ('qualified', 'Qualified', 'open', 2),
  ('proposal', 'Proposal', 'open', 3),
  ('negotiation', 'Negotiation', 'open', 4),
  ('won', 'Won', 'won', 5),
  ('lost', 'Lost', 'lost', 6);

create table deals (
  id uuid primary key default gen_random_uuid(),
  title text not null check (title <> ''),
  organisation_id uuid references organisations on delete set null,
  contact_id uuid references contacts on delete set null,
  stage text not null default 'lead' references stages,
  position int not null default 0,
  amount_minor bigint not null default 0 check (amount_minor between 0 and 1000000000000),
  currency char(3) not null,
  expected_on date,
  closed_at timestamptz,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index deals_stage on deals (stage, position);
create index deals_organisation on deals (organisation_id);
create index deals_contact on deals (contact_id);

-- What is said about somebody goes when they go.
create table activities (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('call', 'meeting', 'task')),
  subject text not null check (subject <> ''),
  body text,
  due_on date,
  done_at timestamptz,
  organisation_id uuid references organisations on delete cascade,
  contact_id uuid references contacts on delete cascade,
  deal_id uuid references deals on delete cascade,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index activities_open on activities (due_on) where done_at is null;
create index activities_organisation on activities (organisation_id);
create index activities_contact on activities (contact_id);
create index activities_deal on activities (deal_id);

create table notes (
  id uuid primary key default gen_random_uuid(),
  body text not null check (body <> ''),
  organisation_id uuid references organisations on delete cascade,
  contact_id uuid references contacts on delete cascade,
  deal_id uuid references deals on delete cascade,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (num_nonnulls(organisation_id, contact_id, deal_id) >= 1)
);
create index notes_organisation on notes (organisation_id);
create index notes_contact on notes (contact_id);
create index notes_deal on notes (deal_id);

-- The row is written after the file is safe on disk, and removed before the file is: a crash leaves a file too many,
-- never a row without its file.
create table documents (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  media_type text not null,
  size bigint not null check (size >= 0),
  sha256 text not null,
  organisation_id uuid references organisations on delete cascade,
  contact_id uuid references contacts on delete cascade,
  deal_id uuid references deals on delete cascade,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index documents_organisation on documents (organisation_id);
create index documents_contact on documents (contact_id);
create index documents_deal on documents (deal_id);

-- A sent invoice is bookkeeping: it keeps its number and a copy of both parties, and stops its organisation from being deleted.
create table invoices (
  id uuid primary key default gen_random_uuid(),
  number text unique,
  status text not null default 'draft' check (status in ('draft', 'sent', 'paid')),
  organisation_id uuid not null references organisations on delete restrict,
  deal_id uuid references deals on delete set null,
  currency char(3) not null,
  reference text,
  note text,
  issued_on date,
  due_on date,
  paid_on date,
  seller jsonb,
  customer jsonb,
  net_minor bigint not null default 0,
  vat_minor bigint not null default 0,
  total_minor bigint not null default 0,
  owner_id uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status = 'draft') = (number is null)),
  check ((status = 'paid') = (paid_on is not null))
);
create index invoices_organisation on invoices (organisation_id);

create table invoice_lines (
  invoice_id uuid not null references invoices on delete cascade,
  position int not null,
  description text not null,
  quantity_milli bigint not null,
  unit_minor bigint not null,
  vat_basis_points int not null check (vat_basis_points between 0 and 10000),
  primary key (invoice_id, position)
);

-- Numbers are drawn inside the transaction that sends the invoice, so that the series has no gaps.
create table invoice_counters (
  year int primary key,
  last int not null
);

-- Who changed which fields of what; never the values.
create table history (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_id uuid references users on delete set null,
  action text not null,
  entity text not null,
  entity_id uuid,
  fields text[] not null default '{}'
);
create index history_entity on history (entity, entity_id, id);
