-- What PostgreSQL 18 adds to what stands in the files of the versions before.

create collation kind.fast (provider = builtin, locale = 'PG_UNICODE_FAST');
create domain kind.never_null as text constraint "is there" not null;
comment on constraint "is there" on domain kind.never_null is 'A named constraint of a domain';

create table kind.virtual (
  a integer, b integer generated always as (a * 2) virtual,
  c text generated always as ('it''s ' || a::text) stored, check (b > 0),
  d integer generated always as (case when a > 0 then a end) not null
);
create table kind.virtual_child (b integer generated always as (a * 3) virtual)
  inherits (kind.virtual);
create view kind.over_virtual as select b, c from kind.virtual where b < 10;

create table kind.not_nulls (
  a integer not null, b integer constraint "b is there" not null,
  c integer constraint only_c not null no inherit, d integer not null no inherit,
  e integer, f integer, g integer generated always as identity,
  constraint of_table not null e
);
alter table kind.not_nulls add constraint later not null f not valid;
comment on constraint "b is there" on kind.not_nulls is 'A named not null';
comment on constraint not_nulls_a_not_null on kind.not_nulls is 'A not null';
comment on constraint later on kind.not_nulls is 'A not null that is not valid yet';
create table kind.not_nulls_child (
  h integer not null, constraint own_a not null a, constraint own_c not null c
) inherits (kind.not_nulls);
create table kind.not_nulls_late (like kind.not_nulls including constraints);
create table kind.not_nulls_parts (a integer not null, b text constraint part_b not null)
  partition by list (a);
create table kind.not_nulls_part partition of kind.not_nulls_parts
  (constraint own_b not null b) for values in (1);
create table kind.not_nulls_loose (a integer constraint loose_a not null, b text not null);
alter table kind.not_nulls_parts attach partition kind.not_nulls_loose for values in (2);

create table kind.not_enforced (
  a integer constraint "never, checked" check (a > 0) not enforced,
  b integer references kind.rooms not enforced, c integer
);
alter table kind.not_enforced add constraint not_now foreign key (c) references kind.rooms
  not enforced;
comment on constraint "never, checked" on kind.not_enforced is 'A constraint that is not enforced';

create table kind.stays (
  room integer, during daterange, note text,
  constraint stays_key primary key (room, during without overlaps),
  constraint "Stays. once" unique (note, during without overlaps)
);
create table kind.guests (
  room integer, during daterange, name text,
  constraint "guests' stay" foreign key (room, period during)
    references kind.stays (room, period during)
);
create table kind.parted (a integer, b integer) partition by list (a);
create table kind.parted_1 partition of kind.parted for values in (1);
alter table kind.parted add constraint parted_room foreign key (b) references kind.rooms not valid;

-- Without partitions for the reason given in every-kind-17.sql.
create table kind.stays_parted (
  room integer, during daterange, primary key (room, during without overlaps)
) partition by list (room);

create function kind.old_and_new() returns integer language sql
  begin atomic
    update kind.chicken set egg = 1 where id = 2 returning old.egg + new.egg;
  end;
create rule old_and_new as on insert to kind.guests
  do instead insert into kind.stays (room) values (1)
  returning with (old as o, new as n) coalesce(o.room, n.room), n.during, 'x'::text;

create publication kind_generated for table kind.people, kind.virtual
  with (publish_generated_columns = stored);
create publication kind_generated_none for all tables with (publish_generated_columns = none);
-- server only: the embedded Postgres has no libpqwalreceiver
create subscription kind_subscription_18 connection 'host=127.0.0.1 port=1 dbname=nowhere'
  publication one with (connect = false, slot_name = none, two_phase = true, streaming = off);
-- end of server only
alter default privileges grant select on large objects to pgmate_kind_reader;
