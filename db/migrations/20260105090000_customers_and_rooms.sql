-- migrate:up
create table customers (
  id bigint generated always as identity primary key,
  email text not null unique check (position('@' in email) > 1),
  full_name text not null,
  created_at timestamptz not null default now()
);

create table rooms (
  id bigint generated always as identity primary key,
  name text not null unique,
  beds smallint not null check (beds between 1 and 8),
  nightly_price numeric(8, 2) not null check (nightly_price > 0)
);

-- migrate:down
drop table rooms;
drop table customers;
