-- migrate:up
create type booking_status as enum ('requested', 'confirmed', 'cancelled');

create table bookings (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers (id),
  room_id bigint not null references rooms (id),
  status booking_status not null default 'requested',
  arrives_on date not null,
  leaves_on date not null,
  updated_at timestamptz not null default now(),
  check (leaves_on > arrives_on)
);

comment on table bookings is 'One stay in one room; cancelled stays are kept.';

-- migrate:down
drop table bookings;
drop type booking_status;
