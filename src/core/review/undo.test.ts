/** Whether a down section takes an up section back, statement by statement. */

import { beforeAll, describe, expect, test } from "bun:test";
import { loadReview, sourceOf } from "../../testing/reviewed.ts";
import { undoOf } from "./undo.ts";

beforeAll(loadReview);

/** For each statement of the up section. */
function undone(up: string, down: string): readonly string[] {
  const source = sourceOf("1_a.sql", `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`);
  const statements = source.ups.flatMap((section) => section.statements);
  return statements.map((statement) => undoOf(statement, source.downs).undone);
}

const cases: readonly (readonly [up: string, down: string, undone: string])[] = [
  ["create table t (a int);", "drop table t;", "yes"],
  ["create table public.t (a int);", "drop table if exists t cascade;", "yes"],
  ["create table t (a int);", "drop table u;", "no"],
  ["create table t (a int);", "", "no"],
  ["alter table t add column a int;", "alter table t drop column a;", "yes"],
  ["alter table t add column a int, add column b int;", "alter table t drop column a;", "no"],
  ["alter table t add column a int;", "drop table t;", "yes"],
  ["alter table t add constraint c check (a > 0);", "alter table t drop constraint c;", "yes"],
  ["alter table t add constraint c check (a > 0);", "alter table t drop column a;", "yes"],
  ["alter table t add constraint c check (a > 0);", "alter table t drop column b;", "no"],
  ["create index i on t (a, b);", "drop index i;", "yes"],
  ["create index i on s.t (a);", "drop index concurrently s.i;", "yes"],
  ["create index i on t (a);", "alter table t drop column a;", "yes"],
  ["create index on t (a);", "drop index t_a_idx;", "yes"],
  ["alter table t add check (a > 0);", "alter table t drop constraint t_a_check;", "yes"],
  ["alter table t rename a to b;", "alter table u rename b to a;", "no"],
  ["alter table t rename a to b;", "alter table t rename a to b;", "no"],
  ["drop table t;", "create table t (a int);", "yes"],
  ["drop table t;", "select 1;", "no"],
  ["alter table t alter a set not null;", "alter table t alter a drop not null;", "yes"],
  ["alter table t alter a type bigint;", "alter table t alter a type int;", "cannot-tell"],
  ["alter table t alter a type bigint;", "select 1;", "no"],
  ["alter table t alter a type bigint;", "do $$ begin end $$;", "cannot-tell"],
  ["create materialized view m as select 1 as a; create index i on m (a);",
    "drop materialized view m;", "yes yes"],
  ["create table p (a int) partition by list (a); create table q partition of p default;",
    "drop table p;", "yes yes"],
  ["alter table t rename a to b;", "alter table t rename b to a;", "yes"],
  ["alter type e add value 'x';", "select 1;", "no"],
  ["create or replace view v as select 1;", "drop view v;", "cannot-tell"],
  ["create function f() returns int language sql as 'select 1';", "drop function f();", "yes"],
  ["create trigger g before insert on t execute function f();", "drop trigger g on t;", "yes"],
  ["do $$ begin end $$;", "select 1;", "cannot-tell"],
  ["select 1;", "", "nothing-to-undo"],
  ["comment on table t is 'x';", "", "nothing-to-undo"],
  ["grant select on t to u;", "revoke select on t from u;", "cannot-tell"],
];

test.each(cases)("%s by %s: %s", (up, down, expected) => {
  expect(undone(up, down).join(" ")).toBe(expected);
});

describe("what is lost", () => {
  const lost = (up: string, down: string): readonly string[] => {
    const source = sourceOf("1_a.sql", `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`);
    const [statement] = source.ups.flatMap((section) => section.statements);
    return statement === undefined ? [] : undoOf(statement, source.downs).loses;
  };

  test("on the way back what the table or column has come to hold", () => {
    expect(lost("create table t (a int);", "drop table t;")).toEqual(["the rows of t"]);
    expect(lost("alter table t add a int;", "alter table t drop a;")).toEqual([
      "the values of t.a",
    ]);
  });

  test("nothing where the up section itself has lost it", () => {
    expect(lost("alter table t drop a;", "alter table t add a int;")).toEqual([]);
    expect(lost("truncate t;", "")).toEqual([]);
  });
});

test.each([
  ["alter table s.t alter a type bigint;", "the type of s.t.a"],
  ["alter table t alter a set statistics 10;", "SET STATISTICS of t.a"],
  ["alter table t replica identity full;", "REPLICA IDENTITY of t"],
])("what %s did is said in words", (up, what) => {
  const source = sourceOf("1_a.sql", `-- migrate:up\n${up}\n-- migrate:down\nselect 1;\n`);
  const [statement] = source.ups.flatMap((section) => section.statements);
  if (statement === undefined) throw new Error("no statement");
  expect(undoOf(statement, source.downs).why).toBe(`the down section does not alter ${what}`);
});
