-- What PostgreSQL 17 adds to what stands in the files of the versions before.

create collation kind.built_in (provider = builtin, locale = 'C.UTF-8');
create collation kind.built_in_c (provider = builtin, locale = 'C');

create table kind.events (
  id bigint generated always as identity (start with 3), day date not null, place inet,
  lasting interval default 'infinity', note text collate kind.built_in
) partition by range (day) using kind_heap;
create table kind.events_old partition of kind.events for values from (minvalue) to ('2024-01-01');
create table kind.events_heap partition of kind.events
  for values from ('2024-01-01') to ('2025-01-01') using heap;
alter table kind.events set access method default;
create table kind.events_access (a integer) partition by list (a) using kind_heap;
create table kind.events_access_1 partition of kind.events_access for values in (1);
-- Only without partitions: Postgres cannot attach again the index of an exclusion (measured with
-- pg_dump 17.11 and 18.6: "The index definitions do not match").
create table kind.events_apart (
  day date not null, place inet, exclude using gist (day with =, place inet_ops with &&)
) partition by range (day);
alter table kind.people alter column full_name set expression as ('17: '::text || surname);
alter table kind.people alter column seen set statistics default;

create view kind.from_json as
  select t.*, json_value('{"a": 1}', '$.a' returning integer default 3 on error) as one,
    json_query('[1]', '$[*]' with conditional wrapper keep quotes empty array on empty) as list,
    json_exists(jsonb '{"it''s": 1}', '$."it''s"' false on error) as is_there,
    json_scalar(1) as scalar, json_serialize('{}' returning bytea) as text,
    json('{"a": 1}' with unique keys) as parsed
  from json_table('[{"a": 1, "b": [2, 3]}]', '$[*]' as root passing 1 as x columns (
    place for ordinality, a integer path '$.a' default 0 on empty error on error,
    has_c boolean exists path '$.c', whole jsonb format json path '$' with wrapper,
    nested path '$.b[*]' as inside columns (b text path '$' omit quotes)
  ) empty array on error) as t;
create function kind.merge_them() returns setof kind.chicken language sql
  begin atomic
    merge into kind.chicken c using kind.egg e on c.id = e.id
      when matched and e.id > 10 then delete
      when matched then update set egg = e.id
      when not matched by source then do nothing
      when not matched then insert (id) values (e.id)
      returning c.id, c.egg;
  end;

create function kind.see_login() returns event_trigger language plpgsql as 'begin end';
create event trigger kind_login on login execute function kind.see_login();
create event trigger kind_reindex on ddl_command_start when tag in ('REINDEX')
  execute function kind.see_login();
alter event trigger kind_login enable always;

-- server only: the embedded Postgres has no libpqwalreceiver
create subscription kind_subscription_17 connection 'host=127.0.0.1 port=1 dbname=nowhere'
  publication one with (connect = false, slot_name = 'kind_slot_17', failover = true);
-- end of server only
grant maintain on kind.people to pgmate_kind_reader;
