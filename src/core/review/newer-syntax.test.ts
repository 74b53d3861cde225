/** Which server takes what, as servers 15 to 18 themselves have answered: cases cannot say so. */

import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { loadModule, type Node, parseSync } from "libpg-query";
import { newerSyntax } from "../lint/newer-syntax.ts";
import { judgeStatement } from "./judge-statement.ts";
import { noFacts } from "./schema-facts.ts";
import { SchemaModel } from "./schema-model.ts";

beforeAll(loadModule);

/** What it says to each of the servers, as one word for each: whether it takes the statement. */
function takenBy(tree: Node | undefined, functions: readonly string[] = []): readonly number[] {
  const schema = new SchemaModel({
    ...noFacts, functions: new Map(functions.map((name) => [name, "volatile"])),
  });
  return [15, 16, 17, 18].filter((serverMajor) => {
    const known = { schema, serverMajor, timeZone: undefined, source: "database" } as const;
    const found = judgeStatement({ tree }, { rules: [newerSyntax], known, smallBytes: 0 });
    expect(found.locks).toEqual([]);
    return found.judgements.every(({ classes }) => !classes.includes("error"));
  });
}

function treeOf(sql: string): Node | undefined {
  return parseSync(sql).stmts?.[0]?.stmt;
}

const since: Readonly<Record<16 | 17 | 18, readonly string[]>> = {
  16: [
    "create statistics on a, b from t",
    "alter table t alter column c set storage default",
    "alter table t add column z text storage external",
    "select * from (select 1)",
    "select '1' is json object",
    "select json_object('a': 1)",
    "select json_array(1, 2)",
    "select json_array(select 1)",
    "select json_objectagg(c: a) from t",
    "grant x to y with inherit true",
    "grant x to y with set false",
    "grant x to y with admin false",
    "revoke inherit option for x from y",
    "vacuum (buffer_usage_limit '1MB') t",
    "copy t from '/x' with (default 'x')",
    "explain (generic_plan) select 1",
    "select system_user",
    "select xmlserialize(document '<a/>' as text indent)",
    "reindex database",
    "create subscription s connection '' publication p with (origin = none)",
    "create database d icu_rules '&a < b'",
    "create collation c (provider = icu, locale = 'en', rules = '&a < b')",
  ],
  17: [
    "merge into t using p on t.id = p.id when matched then delete returning t.id",
    "merge into t using p on t.id = p.id when not matched by source then delete",
    "with m as (merge into t using p on true when matched then delete returning 1) select 1",
    "alter table t alter column g set expression as (b)",
    "alter table t set access method default",
    "alter table t alter column a set statistics default",
    "alter statistics s set statistics default",
    "select json_value(jsonb '{}', '$.a')",
    "select json_scalar(1)",
    "select * from json_table(jsonb '[]', '$[*]' columns (a int path '$.a'))",
    "create function f() returns json begin atomic select json_query('{}', '$.a'); end",
    "select now() at local",
    "grant maintain on t to x",
    "alter default privileges grant maintain on tables to x",
    "alter domain d add constraint n not null",
    "alter operator && (a, a) set (hashes)",
    "create event trigger e on login execute function f()",
    "copy t from '/x' (on_error ignore)",
    "copy t from '/x' (format csv, force_null *)",
    "create subscription s connection '' publication p with (failover = true)",
    "create table t (a int) partition by list (a) using heap",
    "set transaction_timeout = '1s'",
  ],
  18: [
    "alter table t add constraint n not null c not valid",
    "alter table t add not null c",
    "create table t (a int, constraint n not null a)",
    "create table t (a int not null no inherit)",
    "create table t (a int, g int generated always as (a) virtual)",
    "alter table t add column g int generated always as (a)",
    "alter table t add check (a > 0) not enforced",
    "create table t (a int check (a > 0) not enforced)",
    "create table t (a int check (a > 0) enforced)",
    "alter table t add column z int references p not enforced",
    "alter table t add foreign key (a) references p not enforced",
    "alter table t alter constraint f not enforced",
    "alter table t alter constraint n no inherit",
    "create table t (a int, v int4range, primary key (a, v without overlaps))",
    "alter table t add foreign key (a, period v) references p (a, period v)",
    "update t set a = 1 returning old.a, new.a",
    "delete from t returning old.*",
    "update t set a = 1 returning with (old as o) o.a",
    "vacuum only t",
    "analyze only t",
    "create foreign table f (like t) server s",
    "alter default privileges grant select on large objects to x",
    "create publication p with (publish_generated_columns = stored)",
    "copy t from '/x' (on_error ignore, reject_limit 5)",
  ],
};

const rows = ([16, 17, 18] as const).flatMap((major) =>
  since[major].map((sql) => [major, sql] as const),
);

test.each(rows)("since %d: %s", (major, sql) => {
  expect(takenBy(treeOf(sql))).toEqual([15, 16, 17, 18].filter((one) => one >= major));
});

const old: readonly string[] = [
  "create statistics s on a, b from t",
  "create table t (a int constraint n not null, g int generated always as (a) stored)",
  "create table t (a int check (a > 0), b int references p, foreign key (a) references p (b))",
  "create domain d as int constraint n not null check (value > 0)",
  "alter domain d add constraint c check (value > 0) not valid",
  "alter domain d set not null",
  "alter table t add constraint c check (a > 0) no inherit not valid",
  "alter table t alter constraint f deferrable initially deferred",
  "alter table t alter column a set statistics -1",
  "alter table t set access method heap",
  "alter statistics s set statistics 5",
  "merge into t using p on t.id = p.id when not matched then do nothing",
  "update t set a = 1 from s old where old.id = t.id returning old.a",
  "delete from t returning t.a, id as old",
  "create rule r as on delete to v do instead delete from t where a = old.a returning old.a",
  "select json_build_object('a', 1), now() at time zone 'utc', json('{}')",
  "grant maintain to y",
  "grant x to y with admin option",
  "revoke admin option for x from y",
  "vacuum (analyze, freeze) t",
  "copy t to '/x' (format csv, force_quote *)",
  "reindex database d",
  "alter operator && (a, a) set (restrict = none)",
  "create event trigger e on sql_drop execute function f()",
];

test.each(old)("always: %s", (sql) => {
  expect(takenBy(treeOf(sql))).toEqual([15, 16, 17, 18]);
});

test("a function that somebody made under a name of JSON is theirs", () => {
  const tree = treeOf("select json_value(a, '$') from t");
  expect(takenBy(tree, ["json_value"])).toEqual([15, 16, 17, 18]);
});

test("nothing of the measured schema, which 15 takes, is new", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../testing/measured-schema.sql")).text();
  const trees = (parseSync(text).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
  expect(trees.filter((tree) => !takenBy(tree).includes(15))).toEqual([]);
});
