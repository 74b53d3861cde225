/** Which statements are held to few rows, without a database and with one. */

import { beforeAll, expect, test } from "bun:test";
import { loadModule, type Node, parseSync } from "libpg-query";
import { dataChanges } from "./data-change.ts";
import { noFacts } from "./schema-facts.ts";
import { foldStatement } from "./schema-fold.ts";
import { SchemaModel } from "./schema-model.ts";

beforeAll(loadModule);

function treesOf(sql: string): readonly Node[] {
  return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
}

const schema =
  "create table t (id bigint primary key, code text, state text, at date, other bigint); " +
  "create index on t (code, state); create index on t (lower(state)); " +
  "create index on t (at) where state = 'new'; " +
  "create table u (id bigint primary key, t_id bigint, kind text); create index on u (t_id); " +
  "create view v as select * from t";

function reach(sql: string, source: "files" | "database"): string {
  const model = new SchemaModel(noFacts);
  for (const tree of treesOf(schema)) foldStatement(model, tree, "before");
  return treesOf(sql)
    .flatMap((tree) => dataChanges(model, { kind: "statement", tree }, source))
    .map((change) => change.reach)
    .join();
}

/** By files alone, and with a database that has those indexes. */
const cases: readonly (readonly [sql: string, files: string, database: string])[] = [
  ["update t set other = 1", "all", "all"],
  ["update t set other = 1 where other is null", "many", "many"],
  ["update t set other = 1 where id = 5", "few", "few"],
  ["update t set other = 1 where 5 = t.id and at < now()", "few", "few"],
  ["update t set other = 1 where id in (1, 2) or code = 'x'", "few", "few"],
  ["update t set other = 1 where id = 1 or state is null", "many", "many"],
  ["update t set other = 1 where id not in (1, 2)", "many", "many"],
  ["update t set other = 1 where not id = 1", "many", "many"],
  ["update t set other = 1 where id = any('{1,2}')", "few", "few"],
  ["update t set other = 1 where id between 1 and 1000", "few", "few"],
  ["update t set other = 1 where id between 1 and 1000000", "many", "many"],
  ["update t set other = 1 where state = 'new'", "few", "many"],
  ["update t set other = 1 where at = '2025-01-01'", "few", "many"],
  ["update t set other = 1 where state <> 'new'", "many", "many"],
  ["update t set other = 1 where lower(state) = 'new'", "few", "few"],
  ["update t set other = 1 where upper(state) = 'NEW' and code like 'a%'", "few", "few"],
  ["update t set other = 1 where (code, state) = ('a', 'b')", "few", "few"],
  ["update t set other = 1 where id = other", "many", "many"],
  ["update t set other = 1 where id = (select max(id) from u)", "few", "few"],
  ["update t set other = 1 where id = (select u.id from u where u.t_id = t.id)", "many", "many"],
  ["update t set other = 1 where id in (select t_id from u where kind is null limit 9)",
    "few", "few"],
  ["update t set other = 1 where id in (select t_id from u where kind is null)", "many", "many"],
  ["update t set other = 1 where ctid = any(array(select ctid from t limit 9))", "few", "few"],
  ["update t set other = 1 where exists (select from u where u.id = t.id)", "many", "many"],
  ["update v set other = 1 where state = 'new'", "few", "few"],
  ["update w set other = 1 where state = 'new'", "few", "few"],
  ["delete from t where false", "few", "few"],
  ["delete from t where at < '2020-01-01'", "many", "many"],
  ["delete from t using u where u.id = t.id", "all", "all"],
  ["delete from t using u where u.id = 5", "many", "many"],
  ["delete from t using u where u.id = 5 and u.t_id = t.id", "few", "few"],
  ["delete from t using u where u.kind = 'a' and u.t_id = t.id", "few", "many"],
  ["update t set other = 1 from (values (1)) w (id) where w.id = t.id", "few", "few"],
  ["update t set other = 1 from (values ('a')) w (s) where w.s = t.state", "few", "many"],
  ["with b as (select id from t limit 9) update t set other = 1 from b where b.id = t.id",
    "few", "few"],
  ["with b as (select id from t where at is null) update t set other = 1 from b " +
    "where b.id = t.id and b.id > 1", "many", "many"],
  ["insert into u select * from t where state = 'new'", "few", "many"],
  ["insert into u select * from t where state is null", "many", "many"],
  ["insert into u select * from t limit all", "many", "many"],
  ["insert into u select * from t limit 5", "few", "few"],
  ["insert into u select * from t join u using (id) where t.id = 5", "few", "few"],
  ["insert into u select * from t left join u on u.id = 5", "all", "all"],
  ["insert into u select 1 union all select id from t where at is null", "many", "many"],
  ["insert into u select n from generate_series(1, 5) n", "few", "few"],
  ["with old as (select * from t where at is null) insert into u select * from old",
    "many", "many"],
  ["with gone as (delete from t where at is null returning *) insert into u select * from gone",
    "many,few", "many,few"],
  ["with recursive r as (select id from t where id = 1 union all " +
    "select t.id from t join r on r.id = t.other) update t set other = 1 from r " +
    "where r.id = t.id", "few", "many"],
  ["merge into t using (select * from u where id = 5) s on s.t_id = t.id " +
    "when matched then delete", "few", "few"],
  ["merge into t using (select * from u where kind is null) s on s.t_id = t.id " +
    "when matched then delete", "many", "many"],
  ["merge into t using u on u.t_id = t.id when matched then delete", "all", "all"],
];

test.each(cases)("%s: %s, %s with a database", (sql, files, database) => {
  expect([reach(sql, "files"), reach(sql, "database")]).toEqual([files, database]);
});
