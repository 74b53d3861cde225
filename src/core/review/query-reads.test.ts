/** What a query reads, by its text and by what earlier statements made of the schema. */

import { beforeAll, expect, test } from "bun:test";
import { loadModule, type Node, parseSync } from "libpg-query";
import { dataChanges } from "./data-change.ts";
import { readUnbounded, relationsRead, storedBehind, wholeTable } from "./query-reads.ts";
import { noFacts } from "./schema-facts.ts";
import { foldStatement } from "./schema-fold.ts";
import { SchemaModel } from "./schema-model.ts";

beforeAll(loadModule);

function treesOf(sql: string): readonly Node[] {
  return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
}

function modelOf(sql: string): SchemaModel {
  const model = new SchemaModel(noFacts);
  for (const tree of treesOf(sql)) foldStatement(model, tree, "before");
  return model;
}

const reads: readonly (readonly [sql: string, names: readonly string[]])[] = [
  ["select 1", []],
  ["select * from a, s.b join c using (id) where exists (select from d)",
    ["public.a", "s.b", "public.c", "public.d"]],
  ["with a as (select * from b) select * from a", ["public.b"]],
  ["with a as (select * from b) select * from s.a", ["s.a", "public.b"]],
];

test.each(reads)("%s reads", (sql, names) => {
  expect(relationsRead(new SchemaModel(noFacts), treesOf(sql)[0])).toEqual(names);
});

const unbounded: readonly (readonly [sql: string, names: readonly string[]])[] = [
  ["select * from a", ["public.a"]],
  ["select * from a where id = 1", []],
  ["select * from a limit 5", []],
  ["select * from a where id = 1 union all select * from b", ["public.a", "public.b"]],
  ["select * from generate_series(1, 5)", []],
  ["values (1), (2)", []],
];

test.each(unbounded)("%s reads without a bound", (sql, names) => {
  expect(readUnbounded(new SchemaModel(noFacts), treesOf(sql)[0])).toEqual(names);
});

test("a whole table is read with its partitions, a view is not said to be", () => {
  const model = modelOf(
    "create table p (at date) partition by range (at); create table p1 partition of p default; " +
      "create view v as select * from p",
  );
  expect(wholeTable(model, treesOf("select * from p")[0])).toEqual(["public.p1"]);
  expect(wholeTable(model, treesOf("select * from v")[0])).toEqual([]);
  expect(wholeTable(model, treesOf("select * from p, p1")[0])).toEqual([]);
});

test("what is behind a view is found through views, by the query that it has now", () => {
  const model = modelOf(
    "create table a (id int); create table b (id int); create view v as select * from a; " +
      "create materialized view m as select * from v; create or replace view v as select * from b",
  );
  expect(storedBehind(model, "public.m")).toEqual(["public.b"]);
  expect(model.readersOf("public.b").map(({ name }) => name)).toEqual(["public.v"]);
});

test("sequences go with the tables whose columns they number", () => {
  const model = modelOf(
    "create table a (id int generated always as identity, n serial); create sequence s; " +
      "alter sequence s owned by a.id; create sequence t owned by a.n; " +
      "alter sequence t owned by none; alter table a rename to b",
  );
  expect(model.ownedSequences("public.b").map(({ name }) => name)).toEqual([
    "public.a_id_seq", "public.a_n_seq", "public.s",
  ]);
});

test("changes in a WITH come before the statement's own, and its names are no tables", () => {
  const found = treesOf(
    "with gone as (delete from a returning *) insert into b select * from gone",
  ).flatMap((tree) => dataChanges(new SchemaModel(noFacts), { kind: "statement", tree }));
  expect(found).toEqual([
    {
      does: "delete", reach: "all", table: "public.a", through: ["public.a"], scans: ["public.a"],
    },
    { does: "insert", reach: "few", table: "public.b", through: [], scans: [] },
  ]);
});
