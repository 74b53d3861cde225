-- What PostgreSQL 16 adds to every-kind.sql and every-kind-relations.sql.

create collation kind.with_rules (
  provider = icu, locale = 'und', rules = E'&a < ''\\'' < g & b < B\n'
);
create domain kind.ruled as text collate kind.with_rules;

create table kind.stored (
  a text storage external collate "C" default 'a', b text storage main, c text storage default,
  d text storage plain compression pglz
);
create table kind.child_of_generated (b integer generated always as (a * 3) stored)
  inherits (kind.parent_generated);
create table kind.numerals (
  a integer default 0x1F, b bigint default 1_000_000, c numeric default 0b101 check (c < 0o77)
);

create view kind.as_json as
  select json_object('a' : 1, 'b' : array[1, 2] absent on null with unique keys) as object,
    json_array(1, 'x', null null on null returning jsonb) as list,
    json_objectagg(name : id absent on null) as all_names,
    json_arrayagg(id order by id desc returning jsonb) as ids,
    bool_and(name is json object with unique keys) as is_json,
    any_value(name) as some, system_user as who
  from (select 1 as id, '{}'::text as name);
create function kind.in_json() returns jsonb language sql stable
  begin atomic
    select json_array(select id from kind.chicken order by id returning jsonb);
  end;

alter table kind.people add constraint deferred_key unique (secret, id) deferrable;
create index people_trigrams_16 on kind.people using gist (born, seen) include (id);

-- server only: the embedded Postgres has no libpqwalreceiver
create subscription kind_subscription_16 connection 'host=127.0.0.1 port=1 dbname=nowhere'
  publication one with (
    connect = false, slot_name = none, origin = none, run_as_owner = true,
    password_required = false, streaming = parallel
  );
-- end of server only
