-- Every kind of object that pg_dump knows and PostgreSQL 15 can make without other software.
--
-- Runs once, on an empty database, as a superuser, with psql or as simple queries, also all in one
-- transaction. The roles stand in every-kind.ts; what later versions add in every-kind-16.sql and
-- so on. What the embedded Postgres cannot do stands between the lines "-- server only: REASON"
-- and "-- end of server only".
--
-- Bytes that editors lose (CR, trailing blanks, lines of 66 KiB) are written as escapes or made by
-- a function. There are no security labels: no provider of them comes with the servers.
-- No large objects: they are data, which --schema-only leaves out.

-- Schemas and extensions

create schema kind;
create schema exts;
create schema "select";
create schema "Names. with ""quotes"" and blanks ";
create schema "ünï☃ 名前 😀";
create schema U&"Line\000Abreak\000A-- Name: x; Type: TABLE\000D\000A\\restrict x\000A";
create schema of_a_role authorization pgmate_kind_owner;
comment on schema public is 'public, but not the standard comment';
comment on schema kind is 'Every kind of object';
comment on schema "Names. with ""quotes"" and blanks " is 'It''s a "schema"';

create extension pgcrypto with schema public;
create extension "uuid-ossp" with schema exts;
create extension citext with schema exts;
create extension hstore with schema exts;
create extension btree_gist with schema exts;
create extension pg_trgm with schema exts;
create extension ltree with schema "Names. with ""quotes"" and blanks ";
comment on extension citext is 'Text without case; a comment that is not the extension''s own';
-- server only: postgres_fdw needs libpq
create extension postgres_fdw with schema exts;
-- end of server only

-- What applied migrations leave

create table public.schema_migrations (version varchar primary key);
insert into public.schema_migrations (version) values
  ('20240101000000'), ('20240102030405'), ('20231231235959');

-- Languages, access methods, collations

create function kind.other_call() returns language_handler
  language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function kind.other_inline(internal) returns void
  language c strict as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function kind.other_validator(oid) returns void
  language c strict as '$libdir/plpgsql', 'plpgsql_validator';
create trusted language other_plpgsql
  handler kind.other_call inline kind.other_inline validator kind.other_validator;
create language "Other. PL" handler kind.other_call;
comment on language other_plpgsql is 'plpgsql under another name';

create access method kind_heap type table handler heap_tableam_handler;
create access method kind_hash type index handler hashhandler;
comment on access method kind_heap is 'heap under another name';

create collation kind.c_order (locale = 'C');
create collation kind."POSIX order" (provider = libc, lc_collate = 'POSIX', lc_ctype = 'C');
create collation kind.copied_order from "C";
comment on collation kind.c_order is 'Order of the bytes';
create collation kind.phone_book (provider = icu, locale = 'de-u-co-phonebk');
create collation kind.any_case (
  provider = icu, locale = 'und-u-ks-level2', deterministic = false
);

-- Types

create type kind.mood as enum ('sad', 'ok', 'it''s "fine"', E'two\nlines', E'back\\slash', '');
create type kind.no_mood as enum ();
alter type kind.mood add value 'before ok' before 'ok';
comment on type kind.mood is 'An enum';

create type kind.address as (
  street text collate "C", "post code" varchar(10), lost integer, place point, moods kind.mood[]
);
alter type kind.address drop attribute lost;
create type kind.hollow as ();
comment on type kind.address is 'A composite type';
comment on column kind.address."post code" is 'A column of a composite type';

create function kind.time_gap(time, time) returns double precision
  language sql immutable strict as 'select extract(epoch from ($1 - $2))';
create type kind.time_span as range (
  subtype = time, subtype_diff = kind.time_gap, multirange_type_name = kind."time spans"
);
create type kind.text_span as range (
  subtype = text, subtype_opclass = text_pattern_ops, collation = "C"
);
create type kind.whole_span;
create function kind.whole_span_canonical(kind.whole_span) returns kind.whole_span
  language internal immutable strict as 'int4range_canonical';
create type kind.whole_span as range (
  subtype = int4, canonical = kind.whole_span_canonical, subtype_diff = int4range_subdiff
);
comment on type kind.time_span is 'A range type';

create type kind.shell;
comment on type kind.shell is 'A type without a definition';

create type kind.short_text;
create function kind.short_text_in(cstring, oid, integer) returns kind.short_text
  language internal immutable strict parallel safe as 'varcharin';
create function kind.short_text_out(kind.short_text) returns cstring
  language internal immutable strict parallel safe as 'varcharout';
create function kind.short_text_recv(internal, oid, integer) returns kind.short_text
  language internal stable strict parallel safe as 'varcharrecv';
create function kind.short_text_send(kind.short_text) returns bytea
  language internal stable strict parallel safe as 'varcharsend';
create type kind.short_text (
  input = kind.short_text_in, output = kind.short_text_out,
  receive = kind.short_text_recv, send = kind.short_text_send,
  typmod_in = varchartypmodin, typmod_out = varchartypmodout, analyze = array_typanalyze,
  internallength = variable, alignment = int4, storage = extended, category = 'S',
  preferred = false, default = 'it''s none', delimiter = ';', collatable = true
);
comment on type kind.short_text is 'A base type of variable length';

create type kind.whole;
create function kind.whole_in(cstring) returns kind.whole
  language internal immutable strict as 'int4in';
create function kind.whole_out(kind.whole) returns cstring
  language internal immutable strict as 'int4out';
create type kind.whole (input = kind.whole_in, output = kind.whole_out, like = int4);

create type kind.pair;
create function kind.pair_in(cstring) returns kind.pair
  language internal immutable strict as 'point_in';
create function kind.pair_out(kind.pair) returns cstring
  language internal immutable strict as 'point_out';
create type kind.pair (
  input = kind.pair_in, output = kind.pair_out, internallength = 16, alignment = double,
  storage = plain, element = float8, subscript = raw_array_subscript_handler
);

-- Domains

create function kind.is_shout(text) returns boolean
  language sql immutable as 'select $1 = upper($1)';
create domain kind.shout as text collate "C" default 'HEY' not null
  constraint "is loud" check (kind.is_shout(value)) check (length(value) < 100);
comment on domain kind.shout is 'A domain';
comment on constraint "is loud" on domain kind.shout is 'A constraint of a domain';
create domain kind."Grid []" as integer[][] check (array_ndims(value) <= 2);
create domain kind.home as kind.address check ((value).street is not null);
create domain kind.whisper as kind.shout;
create domain kind.odd_text as text default E'tab\there, blank \r\n\\restrict x\r'
  check (value <> E'--\n\\.\n/*\n''$$');
alter domain kind.odd_text add constraint later check (value <> '') not valid;
comment on constraint later on domain kind.odd_text is 'Holds for what comes';
create domain kind.tags as exts.hstore default 'a=>1'::exts.hstore;

-- Functions

create function kind.in_sql(a integer, b text default 'it''s', c numeric = 1.50,
    d date default current_date, e integer[] default '{1,2}', f kind.mood default 'ok')
  returns text language sql stable as $$ select a || b $$;
create function kind.in_plpgsql("In Arg" kind.address, out x integer, inout y text default E'\n',
    out "Out Arg" kind.mood[])
  returns record language plpgsql volatile as $body$
declare
  row record;
begin
  for row in select 1 as one loop
    x := row.one;
  end loop;
  y := $in$a $$ b$in$ || '$_$';
end
$body$;
create function kind.pages(variadic pages integer[] default '{}') returns setof integer
  language internal immutable strict parallel safe cost 2 rows 3 support array_unnest_support
  as 'array_unnest';
create function kind.any_pages(prefix text, variadic pages "any") returns text
  language internal stable as 'text_concat_ws';
create function kind.listed(wanted integer) returns table ("Id" integer, "name of" text)
  language sql stable rows 7 leakproof parallel restricted security definer called on null input
  as 'select wanted, ''x''::text';
create function kind.with_settings() returns void language plpgsql
  set search_path to kind, "Names. with ""quotes"" and blanks ", "$user"
  set work_mem to '3MB' set kind.own to E'it''s \\ odd' set datestyle to 'ISO, DMY'
  set temp_tablespaces to '' as 'begin end';
create function kind.without_path() returns void language sql set search_path to ''
  as 'select';
create function kind.atomic(a integer, b integer default 2) returns integer
  language sql immutable
  begin atomic
    select 1;
    select case when a > 1 then case b when 2 then a else b end else length('; end;') end;
  end;
create function kind.returning(a kind.mood) returns text
  language sql stable return a::text || E'\\ \n ''';
create function kind.nth(anyelement, integer) returns anyelement
  language internal window immutable strict as 'window_nth_value';
create function kind.poly(a anycompatible, b anycompatiblearray, c anyenum, d anyrange)
  returns anycompatible language sql immutable as 'select a';
create function kind.plus(a integer) returns integer
  language sql immutable strict as 'select a + 1';
create function kind.plus(a text) returns text
  language sql immutable strict as 'select a || ''+''';
create function kind."Plus. ""One"" "(a bigint) returns bigint
  language other_plpgsql immutable as 'begin return a + 1; end';
create function "ünï☃ 名前 😀"."größer 😀"(links integer, rechts integer) returns boolean
  language sql immutable as 'select links > rechts -- größer 😀';
create function "select"."table"("from" integer) returns integer
  language sql as 'select "from"';
comment on function kind.in_sql is 'A function';
comment on function kind.any_pages(text, variadic "any") is 'A variadic function';
comment on function kind.plus(text) is E'Overloaded\n\n  with indents\tand tabs ';
alter function kind.plus(text) depends on extension citext;
alter function kind.plus(text) depends on extension "uuid-ossp";
alter function kind.plus(integer) owner to pgmate_kind_owner;

create procedure kind.work(a integer, out c integer, inout b text default null)
  language plpgsql as 'begin c := a; commit; end';
create procedure kind.atomic_work(a integer)
  language sql begin atomic select kind.plus(a); select kind.atomic(a); end;
comment on procedure kind.work is 'A procedure';

create transform for integer language sql (
  from sql with function prsd_lextype(internal), to sql with function int4recv(internal)
);
create transform for kind.whole language other_plpgsql (
  from sql with function prsd_lextype(internal)
);
comment on transform for integer language sql is 'A transform';
create function kind.transformed(integer) returns integer
  transform for type integer language sql as 'select $1';

-- Bodies that are hard to keep

create function kind.odd_lines() returns text language plpgsql as E'
begin  \t \r
  return $q$ a ''b'' "c" \\ -- d /* e $$ f $_$ g $q$;  /* nested /* twice */ and then
a line with blanks before CR and LF   \r
-- Name: x; Type: TABLE; Schema: y; Owner: -
--

SET transaction_timeout = 0;
CREATE SCHEMA public;
SET default_table_access_method = heap;
SELECT pg_catalog.set_config(''search_path'', '''', false);


-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18
-- PostgreSQL database dump complete
\\restrict x
\\unrestrict x
\\connect other
COPY x FROM stdin;
1\t2
\\.
\t
\r
   \n\t\\restrict x  */
end  \n\n\n';
create function kind.no_line_end() returns text language sql as 'select 1::text --';
create function kind.only_dollars() returns text language sql as 'select ''$$ $_$ $_X$ \ '' --$';
create function kind.open_comment() returns text language sql as 'select ''/* --'' ';
create function kind.odd_letters() returns text language sql as
  E'select ''\u00a0\ufeff\u2028\u200f\u0301\U0001F600\x01\x0b\x0c\x7f\u0085''';
create function kind.crlf() returns integer language sql as
  E'\r\nselect 1; /*\r\n\r\n\\restrict kind\r\n\\unrestrict kind\r\n*/  select 2 \r\n';
do $do$
declare
  long text := (select string_agg(i::text, ' ') from generate_series(1, 13000) i);
begin
  execute format('create function kind.long_line() returns text language sql as %L',
    'select ''' || long || '''  ');
end $do$;
comment on function kind.odd_lines is E'Comment \r\n\\restrict x \n\\.\n-- Name: x; Type: TABLE; '
  'Schema: y; Owner: -\n\nSET transaction_timeout = 0;\nCREATE SCHEMA public;\n/* $$ '' " \t ';
comment on function kind.crlf is E'\r';
comment on function kind.no_line_end is E'\\';
comment on function kind.only_dollars is E' \n \n';

-- Operators, their families and classes, casts, conversions

create function kind.abs_less(integer, integer) returns boolean
  language sql immutable strict as 'select abs($1) < abs($2)';
create function kind.abs_more(integer, integer) returns boolean
  language sql immutable strict as 'select abs($1) > abs($2)';
create function kind.abs_same(integer, integer) returns boolean
  language sql immutable strict as 'select abs($1) = abs($2)';
create function kind.abs_compare(integer, integer) returns integer
  language sql immutable strict as 'select abs($1) - abs($2)';
create function kind.abs_compare(integer, bigint) returns integer
  language sql immutable strict as 'select (abs($1) - abs($2))::integer';
create function kind.abs_same(integer, bigint) returns boolean
  language sql immutable strict as 'select abs($1) = abs($2)';
create function kind.abs_hash(integer) returns integer
  language sql immutable strict as 'select hashint4(abs($1))';
create operator kind.<| (
  function = kind.abs_less, leftarg = integer, rightarg = integer,
  commutator = operator(kind.|>), restrict = scalarltsel, join = scalarltjoinsel
);
create operator kind.|> (
  function = kind.abs_more, leftarg = integer, rightarg = integer,
  commutator = operator(kind.<|), restrict = scalargtsel, join = scalargtjoinsel
);
create operator kind.|=| (
  function = kind.abs_same, leftarg = integer, rightarg = integer,
  commutator = operator(kind.|=|), restrict = eqsel, join = eqjoinsel, hashes, merges
);
create operator kind.|=| (function = kind.abs_same, leftarg = integer, rightarg = bigint);
create operator kind.!!! (function = kind.plus, rightarg = text);
comment on operator kind.<| (integer, integer) is 'An operator';
comment on operator kind.!!! (none, text) is 'A prefix operator';

create operator family kind.abs_family using btree;
create operator class kind.abs_ops for type integer using btree family kind.abs_family as
  operator 1 kind.<|, operator 3 kind.|=|, operator 5 kind.|>,
  function 1 kind.abs_compare(integer, integer);
alter operator family kind.abs_family using btree add
  operator 3 kind.|=| (integer, bigint),
  function 1 (integer, bigint) kind.abs_compare(integer, bigint);
create operator class kind."Hash. ops" for type integer using hash as
  operator 1 kind.|=|, function 1 kind.abs_hash(integer);
create operator class kind.near_ops for type point using gist as
  operator 11 >^(point, point), operator 1 <<(point, point), operator 5 >>(point, point),
  operator 10 <^(point, point), operator 6 ~=(point, point),
  operator 15 <->(point, point) for order by pg_catalog.float_ops,
  function 1 gist_point_consistent(internal, point, smallint, oid, internal),
  function 2 gist_box_union(internal, internal), function 3 gist_point_compress(internal),
  function 5 gist_box_penalty(internal, internal, internal),
  function 6 gist_box_picksplit(internal, internal), function 7 gist_box_same(box, box, internal),
  function 8 gist_point_distance(internal, point, smallint, oid, internal),
  function 9 gist_point_fetch(internal), storage box;
create operator class kind.mood_ops default for type kind.mood using kind_hash as
  operator 1 =(anyenum, anyenum), function 1 hashenum(anyenum);
create operator family kind."Empty family" using gin;
comment on operator family kind.abs_family using btree is 'An operator family';
comment on operator class kind.abs_ops using btree is 'An operator class';

create function kind.mood_number(kind.mood) returns integer
  language sql immutable strict as 'select length($1::text)';
create cast (kind.mood as integer) with function kind.mood_number(kind.mood) as assignment;
create cast (kind.short_text as text) without function as implicit;
create cast (kind.address as text) with inout;
create cast (text as kind.short_text) without function as assignment;
create cast (int4range as point) with inout as assignment;
comment on cast (kind.mood as integer) is 'A cast';

create conversion kind.from_latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create default conversion kind."To Latin" for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
comment on conversion kind.from_latin is 'A conversion';

-- Aggregates

create aggregate kind.total(integer) (
  sfunc = int4pl, stype = integer, initcond = '0', combinefunc = int4pl, parallel = safe,
  msfunc = int4pl, minvfunc = int4mi, mstype = integer, minitcond = '0', sspace = 8
);
create aggregate kind.average(bigint) (
  sfunc = int8_avg_accum, stype = internal, sspace = 48, finalfunc = numeric_poly_avg,
  combinefunc = int8_avg_combine, serialfunc = int8_avg_serialize,
  deserialfunc = int8_avg_deserialize, msfunc = int8_avg_accum, minvfunc = int8_avg_accum_inv,
  mstype = internal, msspace = 48, mfinalfunc = numeric_poly_avg, parallel = restricted
);
create aggregate kind.largest(integer) (
  sfunc = int4larger, stype = integer, sortop = operator(pg_catalog.>)
);
create aggregate kind.counted(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create function kind.joined(text, integer, text[]) returns text
  language sql immutable as 'select $1 || $2 || array_to_string($3, '','')';
create aggregate kind.all_of(integer, variadic text[]) (
  sfunc = kind.joined, stype = text, initcond = E'it''s \\ ', finalfunc = upper,
  finalfunc_modify = shareable
);
create aggregate kind.middle(double precision order by anyelement) (
  sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final,
  finalfunc_extra, finalfunc_modify = read_write
);
create aggregate kind."Rank. of"(variadic "any" order by variadic "any") (
  sfunc = ordered_set_transition_multi, stype = internal, finalfunc = rank_final,
  finalfunc_extra, hypothetical
);
comment on aggregate kind.total(integer) is 'An aggregate';
comment on aggregate kind.counted(*) is 'An aggregate of rows';
comment on aggregate kind.middle(double precision order by anyelement) is 'An ordered set';

-- Text search

create text search parser kind.words (
  start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype,
  headline = prsd_headline
);
create text search template kind.plain (init = dsimple_init, lexize = dsimple_lexize);
create text search dictionary kind.plain_words (
  template = kind.plain, stopwords = 'english', accept = false
);
create text search dictionary kind."Stems. of" (template = snowball, language = german);
create text search configuration kind.plain_search (parser = kind.words);
alter text search configuration kind.plain_search
  add mapping for asciiword, word with kind.plain_words, kind."Stems. of", pg_catalog.simple;
alter text search configuration kind.plain_search add mapping for int with pg_catalog.simple;
create text search configuration kind."Copied search" (copy = pg_catalog.english);
create text search configuration kind.empty_search (parser = pg_catalog."default");
comment on text search parser kind.words is 'A text search parser';
comment on text search template kind.plain is 'A text search template';
comment on text search dictionary kind.plain_words is 'A text search dictionary';
comment on text search configuration kind.plain_search is 'A text search configuration';
