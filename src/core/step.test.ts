/** How a planned step becomes what runs: its sections in order, its mode, its row. */

import { describe, expect, test } from "bun:test";
import { fileOf } from "../testing/histories.ts";
import { migrationOf, sectionSql } from "../testing/parsed.ts";
import type { Direction } from "./migration.ts";
import { ledgerSql, makeStep, type Step } from "./step.ts";
import { checkRowSql, deleteRowSql, insertRowSql, type LedgerColumn } from "./step-sql.ts";

const pairs = ["a", "b", "c"].map((name) => {
  return `-- migrate:up\n${name};\n-- migrate:down\nno ${name};\n`;
});

function stepOf(text: string, direction: Direction, version = "1"): Step {
  const planned = { direction, file: fileOf("1_add_users"), version, begun: [] };
  return makeStep(planned, migrationOf(text));
}

test.each([
  ["up", ["a;", "b;", "c;"]],
  ["down", ["no c;", "no b;", "no a;"]],
] as const)("sections of an %s", (direction, expected) => {
  const text = pairs.join("");
  const { sections } = stepOf(text, direction);
  expect(sections.map((section) => sectionSql(text, section).trim())).toEqual([...expected]);
});

const off = " transaction:false";

test.each([
  ["", "", "up", true],
  ["", "", "down", true],
  [off, "", "up", false],
  [off, "", "down", true],
  ["", off, "up", true],
  ["", off, "down", false],
] as const)("up%s, down%s: an %s in one transaction: %p", (up, down, direction, expected) => {
  const text = `${pairs[0] ?? ""}-- migrate:up${up}\n-- migrate:down${down}\n`;
  expect(stepOf(text, direction).transactional).toBe(expected);
});

describe("the row", () => {
  const table = { schema: "public", table: "schema_migrations" };
  const all = new Set<LedgerColumn>([
    "description", "checksum", "applied_at", "applied_by", "execution_ms",
  ]);
  const text = pairs.join("");
  const { checksum } = migrationOf(text);

  test("of an up", () => {
    const row = { version: "1", description: "add_users", checksum, executionMs: 13 };
    expect(ledgerSql(stepOf(text, "up"), table, all, 12.6)).toEqual([
      insertRowSql(table, row, all),
      checkRowSql(table, "1", "present"),
    ]);
  });

  test("of an up whose time the server knows", () => {
    const [sql] = ledgerSql(stepOf(text, "up"), table, all);
    const row = { version: "1", description: "add_users", checksum };
    expect(sql).toBe(insertRowSql(table, row, all));
    expect(sql).toContain("transaction_timestamp()");
  });

  test("of an up where dbmate made the table", () => {
    const [sql] = ledgerSql(stepOf(text, "up"), table, new Set());
    expect(sql).toBe(`insert into "public"."schema_migrations" (version) values ('1')`);
  });

  test("of a down, as the row spells it", () => {
    const version = "1_add'users";
    expect(ledgerSql(stepOf(text, "down", version), table, all)).toEqual([
      deleteRowSql(table, version),
      checkRowSql(table, version, "absent"),
    ]);
  });
});
