/** What rules about constraints say of servers that do not take the statement: cases cannot. */

import { beforeAll, expect, test } from "bun:test";
import { loadModule, parseSync } from "libpg-query";
import { constraintRules } from "./constraint-rules.ts";
import { judgeStatement, smallTableBytes } from "./judge-statement.ts";
import type { RiskClass } from "./rule.ts";
import { noFacts } from "./schema-facts.ts";
import { foldStatement } from "./schema-fold.ts";
import { SchemaModel } from "./schema-model.ts";

beforeAll(loadModule);

const before =
  "create table customers (id bigint primary key);" +
  "create table events (id bigint not null, at date not null) partition by range (at);" +
  "create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01')";

function said(sql: string, serverMajor: number) {
  const schema = new SchemaModel(noFacts);
  for (const { stmt } of parseSync(before).stmts ?? []) {
    if (stmt !== undefined) foldStatement(schema, stmt, "before");
  }
  const known = { schema, serverMajor, timeZone: undefined, source: "database" } as const;
  const tree = parseSync(sql).stmts?.[0]?.stmt;
  const options = { rules: constraintRules, known, smallBytes: smallTableBytes };
  const { judgements, locks } = judgeStatement({ tree }, options);
  const classes = new Set(judgements.flatMap((one) => one.classes));
  classes.delete("advice");
  return { classes: [...classes], locks: locks.map(({ relation, mode }) => `${relation} ${mode}`) };
}

const notValid = "alter table events add foreign key (id) references customers not valid";
const exclude = "alter table events add exclude using btree (id with =, at with =)";

const rows: readonly (readonly [sql: string, major: number, classes: readonly RiskClass[]])[] = [
  [notValid, 17, ["error"]],
  [notValid, 18, ["safe"]],
  [exclude, 16, ["error"]],
  [exclude, 17, ["risky"]],
];

test.each(rows)("%s on %d", (sql, major, classes) => {
  expect(said(sql, major).classes).toEqual([...classes]);
});

test("a unique constraint locks partitions against reads since 18 only", () => {
  const sql = "alter table events add unique (id, at)";
  expect(said(sql, 17).locks).toEqual([
    "public.events ACCESS EXCLUSIVE", "public.events_2025 SHARE",
  ]);
  expect(said(sql, 18).locks).toEqual([
    "public.events ACCESS EXCLUSIVE", "public.events_2025 ACCESS EXCLUSIVE",
  ]);
});
