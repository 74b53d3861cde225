/** A schema whose texts are hard to carry from one database into another. */

/** Lines that a reader of files may take for something else than the body that they stand in. */
const lines = [
  "begin  ",
  "  -- trailing blanks and a tab \t ",
  "/*",
  "\\restrict abc",
  "\\.",
  "\\connect postgres",
  "*/",
  "  perform 'a;'';b' || $q$ ; -- $q$ || E'\\\\''';",
  "  -- a carriage return\r",
  "  /* -- /* ; */ */",
  `  -- ${"long ".repeat(40_000)}`,
  "  -- \ufeff a byte order mark, and \u{1f600}",
  "  return new;",
  "end  ",
  "",
].join("\n");

export const awkward = {
  /** A table without rows, and the COPY that pg_dump writes for it. */
  empty: "create table empty (i int);\nCOPY empty (i) FROM stdin;\n\\.\n",
} as const;

/** For any server: what has hard texts, and what depends on what. */
export const awkwardSql = `
create extension if not exists hstore;
create schema app;
create type app.mood as enum ('sad', 'it''s; ok', 'a\\b');
create domain app.name as text check (value <> '' and value !~ '\\\\');
create type app.pair as (a int, b app.mood);
create table app."We""ird; name" (
  id int generated always as identity primary key,
  "a b" text default 'semi;colon''s -- no comment' not null,
  twice int generated always as (id * 2) stored,
  price money default '$1,234.50',
  mood app.mood default 'sad',
  p app.pair,
  tags hstore,
  made timestamptz default '2024-01-01 00:00:00+00'
);
create table empty (i int);
create table bodies (name text primary key, body text);
create sequence counter start 7;
create table parts (i int not null, d date) partition by range (i);
create table parts_1 partition of parts for values from (0) to (10);
create table child (z int) inherits (empty);
alter table child add constraint z_check check (z > 0) not valid;
create function app.f() returns trigger language plpgsql as $body$${lines}$body$;
comment on function app.f() is $c$${lines}$c$;
create function app.g(i int default 3, variadic r text[] default '{";",a}') returns int
  begin atomic select case when i > 0 then 1 else 2 end; end;
create procedure app.p() language sql as $$ select 1; select ';' $$;
create trigger t after insert on empty for each row when (new.i > 0) execute function app.f();
create view app.v as select id, "a b" as "x;y", E'\\n\\\\' as n from app."We""ird; name";
create materialized view app.m as select 1 as one;
create index on app.m (one);
create rule r as on delete to empty do instead nothing;
alter table empty enable row level security;
create policy p on empty using (i > 0 and 'a;b' <> 'c');
create aggregate app.sum2(int) (sfunc = int4pl, stype = int, initcond = '0');
create operator app.%%% (leftarg = int, rightarg = int, function = int4pl);
create statistics app.s on i, d from parts;
insert into bodies select 'f', prosrc from pg_proc where proname = 'f';
insert into bodies values
  ('dot', E'\\\\.'), ('dot line', E'a\\n\\\\.\\nb'), ('null', null), ('empty', ''),
  ('tab', E'\\t\\t'), ('quotes', $$'"';$$), ('N', '\\N'), ('cr', E'a\\r\\nb\\r'),
  ('restrict', E'\\\\restrict x\\n'),
  ('long', repeat('0123456789', 20000));
insert into app."We""ird; name" ("a b", tags)
  select 'row ' || i, 'a=>1' from generate_series(1, 50) i;
insert into parts select i, '2024-02-29' from generate_series(0, 9) i;
select setval('counter', 41);
select lo_from_bytea(0, '\\x5c2e0a');
`;

/** Fingerprints of what must come back byte for byte. */
export const awkwardBodies = `
select p.proname::text as name, md5(p.prosrc) as md5 from pg_proc p
  where p.pronamespace = 'app'::regnamespace
union all
select 'comment ' || p.proname, md5(obj_description(p.oid)) from pg_proc p
  where p.pronamespace = 'app'::regnamespace and obj_description(p.oid) is not null
union all
select 'view', md5(pg_get_viewdef('app.v'::regclass))
order by 1`;
