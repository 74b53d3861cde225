/** The dry run's text for each kind of step; that psql runs it is tried elsewhere. */

import { describe, expect, test } from "bun:test";
import { fileOf } from "../testing/histories.ts";
import { bytesOf, migrationOf } from "../testing/parsed.ts";
import type { Direction } from "./migration.ts";
import { script, type ScriptOptions, type ScriptStep } from "./script.ts";
import { ledgerSql, makeStep } from "./step.ts";
import {
  beginRowSql, closeSectionSql, liftStatementTimeoutSql, resetSessionSql,
  restoreStatementTimeoutSql,
} from "./step-sql.ts";

/** What ends a section that has units beside it: the role that it took on stays. */
const immediate = "set constraints all immediate;\n";

function stepOf(
  name: string,
  text: string | Uint8Array,
  direction: Direction = "up",
  chunkBytes = 1_000,
): ScriptStep {
  const bytes = bytesOf(text);
  const { version } = fileOf(name);
  const planned = { direction, file: fileOf(name), version, begun: [] };
  return {
    step: makeStep(planned, migrationOf(text)),
    resume: undefined,
    read: function* ({ start, end }) {
      for (let at = start; at < end; at += chunkBytes) {
        yield bytes.slice(at, Math.min(end, at + chunkBytes));
      }
    },
  };
}

const plain: Omit<ScriptOptions, "steps"> = {
  header: [],
  ledgerSql: [],
  table: { schema: "public", table: "schema_migrations" },
  columns: new Set(),
  timeouts: { lockTimeoutMs: 2_000, statementTimeoutMs: undefined },
};

function scriptOf(steps: readonly ScriptStep[], options: Partial<ScriptOptions> = {}): string {
  const parts = [...script({ ...plain, ...options, steps })];
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(parts));
}

const top = "\\set ON_ERROR_STOP on\nset client_encoding = 'UTF8';\n";
const begin = "begin;\nset local lock_timeout = 2000;\n";
const ended = (statements: readonly string[]): string =>
  statements.map((sql) => `${sql};\n`).join("");
const close = ended(closeSectionSql);
const beginRow = `${beginRowSql};\nset local lock_timeout = 2000;\n`;

/** What writes the row; the statements themselves stand in another table. */
function row(version: string, direction: Direction = "up"): string {
  const name = version === "1" ? "1_a" : "2_b";
  const { step } = stepOf(name, "-- migrate:up\n-- migrate:down\n", direction);
  const [change = "", check = ""] = ledgerSql(step, plain.table, plain.columns);
  // The check's row is for nobody to see.
  return `${ended([change])}${check} \\gset pgmate_\n`;
}

test("nothing to do", () => {
  expect(scriptOf([])).toBe(top);
});

test("the header, a line of comment each, whatever it holds", () => {
  expect(scriptOf([], { header: ["pgmate 1", "for a\ndrop table b;\r\nc"] })).toBe(
    "\\set ON_ERROR_STOP on\n-- pgmate 1\n-- for a?drop table b;??c\n" +
      "set client_encoding = 'UTF8';\n",
  );
});

test("the ledger comes first, in a transaction of its own", () => {
  expect(scriptOf([], { ledgerSql: ["create schema a", "create table b ()"] })).toBe(
    `${top}\n-- the ledger\n${begin}` +
      "create schema a;\ncreate table b ();\ncommit;\n",
  );
});

test("an up: the file's bytes between pgmate's", () => {
  const text = "\ufeff-- migrate:up  x\r\n\r\ncreate table caf\u00e9 (); -- c\r\n-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\n${begin}\r\n\r\ncreate table caf\u00e9 (); -- c\r\n\n;\n` +
      `${close}${row("1")}commit;\n`,
  );
});

test("a comment at the very end swallows nothing", () => {
  const text = "-- migrate:up\n-- migrate:down\ndrop table a -- no line end";
  expect(scriptOf([stepOf("1_a", text, "down")])).toBe(
    `${top}\n-- db/1_a.sql (down)\n${begin}\ndrop table a -- no line end\n;\n${close}` +
      `${row("1", "down")}commit;\n`,
  );
});

test("several pairs: ups as they stand, downs from the last, one row", () => {
  const text = ["a", "b"].map((name) => {
    return `-- migrate:up\n${name};\n-- migrate:down\nno ${name};\n`;
  }).join("");
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\n${begin}\na;\n\n;\n\nb;\n\n;\n${close}${row("1")}commit;\n`,
  );
  expect(scriptOf([stepOf("1_a", text, "down")])).toMatch(/\nno b;\n\n;\n\nno a;\n\n;\n/);
});

test("a wrapper is left out, with the comments before it", () => {
  const text = "-- migrate:up\n-- c\nbegin;\n-- d\na;\n-- e\ncommit;\n-- f\n-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\n${begin}\n-- d\na;\n-- f\n\n;\n${close}${row("1")}commit;\n`,
  );
});

test("psql's own restrict lines of dumps are left out, COPY data stay", () => {
  const text = "-- migrate:up\n\\restrict a\ncopy t from stdin;\n1\t\\N\n\\.\n\\unrestrict a\n" +
    "-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\n${begin}\n\ncopy t from stdin;\n1\t\\N\n\\.\n\n\n;\n` +
      `${close}${row("1")}commit;\n`,
  );
});

test("transaction:false: each as it stands, the row behind all of them", () => {
  const text = "-- migrate:up transaction:false\na;\nbegin; b; commit;\n-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\nset lock_timeout = 2000;\n\na;\nbegin; b; commit;\n\n;\n` +
      `${beginRow}${close}${row("1")}commit;\n`,
  );
});

function set(to: string, from: string): string {
  return `select pg_catalog.set_config('${to}', pg_catalog.current_setting('${from}'), false) ` +
    "\\gset pgmate_\n";
}
const keep = (name: string): string => set(`pgmate.${name}`, name);
const restore = (name: string): string => set(name, `pgmate.${name}`);
const lift = liftStatementTimeoutSql.map((sql) =>
  sql.startsWith("select") ? `${sql} \\gset pgmate_\n` : `${sql};\n`,
).join("");
const lower = restoreStatementTimeoutSql.map((sql) => `${sql} \\gset pgmate_\n`).join("");

const validate = "alter table t validate constraint c;";

test("VALIDATE has no statement_timeout, and what follows has the one before again", () => {
  const text = `-- migrate:up\na;\n${validate}\nb;\n${validate} -- d\n-- migrate:down\n`;
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\n${begin}\na;\n${lift}\n${validate}\n;\n${lower}\nb;\n${lift}` +
      `\n${validate}\n;\n${lower} -- d\n\n;\n${close}${row("1")}commit;\n`,
  );
});

test("outside of a transaction it is the session's that is lifted, in a group the group's", () => {
  const text = `-- migrate:up transaction:false\n${validate}\nbegin;${validate}commit;` +
    `${validate.slice(0, -1)} -- d\n-- migrate:down\n`;
  const lifted = `\n${keep("statement_timeout")}set statement_timeout = 0;\n`;
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\nset lock_timeout = 2000;\n` +
      `${lifted}\n${validate}\n;\n${restore("statement_timeout")}` +
      `\nbegin;\n${lift}${validate}\n;\n${lower}commit;` +
      `${lifted}${validate.slice(0, -1)} -- d\n\n;\n${restore("statement_timeout")}\n;\n` +
      `${beginRow}${close}${row("1")}commit;\n`,
  );
});

describe("what sections are to have", () => {
  const pairs = (...options: readonly string[]): string =>
    options.map((words, at) => `-- migrate:up${words}\n${"abcd"[at] ?? ""};\n-- migrate:down\n`)
      .join("");
  const shown = (text: string, statementTimeoutMs?: number): string => {
    const timeouts = { lockTimeoutMs: 2_000, statementTimeoutMs };
    const [, body = ""] = scriptOf([stepOf("1_a", text)], { timeouts }).split("(up)\n");
    return body.replace(row("1"), "ROW\n").replaceAll(close, "").replaceAll(/\n+;?\n/g, "\n");
  };

  test.each([
    ["nothing said", pairs(""), undefined, "begin;\nset local lock_timeout = 2000;\na;\nROW"],
    ["a flag", pairs(""), 5_000,
      "begin;\nset local lock_timeout = 2000;\nset local statement_timeout = 5000;\na;\nROW"],
    ["the marker before the flag", pairs(" statement_timeout:0 lock_timeout:500ms"), 5_000,
      "begin;\nset local lock_timeout = 500;\nset local statement_timeout = 0;\na;\nROW"],
    ["one section after the other", pairs("", " lock_timeout:1s", "", " statement_timeout:3s"),
      5_000,
      "begin;\nset local lock_timeout = 2000;\nset local statement_timeout = 5000;\na;\n" +
        "set local lock_timeout = 1000;\nb;\nset local lock_timeout = 2000;\nc;\n" +
        "set local statement_timeout = 3000;\nd;\nROW"],
    ["a marker that says what was before, since the section before may have set it", pairs(
      " lock_timeout:1s statement_timeout:0", " lock_timeout:1s", " statement_timeout:0"),
      undefined,
      "begin;\nset local lock_timeout = 1000;\nset local statement_timeout = 0;\na;\n" +
        "set local lock_timeout = 1000;\nset local statement_timeout = default;\nb;\n" +
        "set local lock_timeout = 2000;\nset local statement_timeout = 0;\nc;\nROW"],
    ["back to the session's own", pairs(" statement_timeout:3s", ""), undefined,
      "begin;\nset local lock_timeout = 2000;\nset local statement_timeout = 3000;\na;\n" +
        "set local statement_timeout = default;\nb;\nROW"],
  ] as const)("in one transaction: %s", (_, text, flag, expected) => {
    expect(shown(text, flag)).toBe(`${expected}\ncommit;\n`);
  });

  const last = `${beginRowSql};\nset local lock_timeout = 2000;\n`;

  test.each([
    ["nothing said", pairs(" transaction:false"), undefined,
      `set lock_timeout = 2000;\na;\n${last}ROW`],
    ["a flag", pairs(" transaction:false"), 5_000,
      `set lock_timeout = 2000;\nset statement_timeout = 5000;\na;\n${last}ROW`],
    ["a marker", pairs(" transaction:false lock_timeout:0 statement_timeout:3s"), undefined,
      "set lock_timeout = 0;\nset statement_timeout = 3000;\na;\n" +
        `${last}set local statement_timeout = default;\nROW`],
    ["a marker before a flag", pairs(" transaction:false statement_timeout:3s"), 5_000,
      "set lock_timeout = 2000;\nset statement_timeout = 3000;\na;\n" +
        `${last}set local statement_timeout = 5000;\nROW`],
    ["a transaction behind units", pairs(" transaction:false statement_timeout:3s", ""), undefined,
      "set lock_timeout = 2000;\nset statement_timeout = 3000;\na;\n" +
        `set statement_timeout = default;\nbegin;\nb;\n${immediate}commit;\n${last}ROW`],
    ["units behind a transaction", pairs(" lock_timeout:1s", " transaction:false"), 5_000,
      `set lock_timeout = 1000;\nset statement_timeout = 5000;\nbegin;\na;\n${immediate}commit;\n` +
        "set lock_timeout = 2000;\nb;\n" +
        `${last}ROW`],
  ] as const)("unit by unit: %s", (_, text, flag, expected) => {
    expect(shown(text, flag)).toBe(`${expected}\ncommit;\n`);
  });
});

test("what runs concurrently has no timeouts, and what follows has them again", () => {
  const text = "-- migrate:up transaction:false\na;\n-- c\n" +
    "create index concurrently on t (a);\nb;\n-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\nset lock_timeout = 2000;\n\na;` +
      `\n${keep("lock_timeout")}${keep("statement_timeout")}` +
      "set lock_timeout = 0;\nset statement_timeout = 0;\n" +
      "\n-- c\ncreate index concurrently on t (a);\n;\n" +
      `${restore("lock_timeout")}${restore("statement_timeout")}\nb;\n\n;\n` +
      `${beginRow}${close}${row("1")}commit;\n`,
  );
});

test("pairs of both kinds: the transactional one has its own transaction", () => {
  const text = "-- migrate:up\na;\n-- migrate:down\n-- migrate:up transaction:false\nb;\n" +
    "-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toBe(
    `${top}\n-- db/1_a.sql (up)\nset lock_timeout = 2000;\nbegin;\n\na;\n\n;\n` +
      `${immediate}commit;\n` +
      "\nb;\n\n;\n" +
      `${beginRow}${close}${row("1")}commit;\n`,
  );
});

test("between steps the session is reset, as between the steps of a run", () => {
  const text = "-- migrate:up\na;\n-- migrate:down\n";
  const shown = scriptOf([stepOf("1_a", text), stepOf("2_b", text)]);
  const [, first, second] = shown.split("\n-- db/");
  expect(first).toBe(
    `1_a.sql (up)\n${begin}\na;\n\n;\n${close}${row("1")}commit;\n` +
      `\n-- the session as it was at the start\n${ended(resetSessionSql)}` +
      "set client_encoding = 'UTF8';\n",
  );
  expect(second).toBe(`2_b.sql (up)\n${begin}\na;\n\n;\n${close}${row("2")}commit;\n`);
});

test.each([
  [0, "0"],
  [0.2, "1"],
  [-1, "0"],
  [1e12, "2147483647"],
] as const)("a lock timeout of %d ms", (lockTimeoutMs, setting) => {
  const text = "-- migrate:up transaction:false\na;\n-- migrate:down\n";
  const timeouts = { lockTimeoutMs, statementTimeoutMs: lockTimeoutMs };
  const shown = scriptOf([stepOf("1_a", text)], { timeouts });
  for (const name of ["lock_timeout", "statement_timeout"]) {
    expect(shown).toContain(`\nset ${name} = ${setting};\n`);
  }
  expect(shown).toContain(`\nset local lock_timeout = ${setting};\n`);
});

test("a path with a line break gets no line of its own", () => {
  const { step, read } = stepOf("1_a", "-- migrate:up\na;\n-- migrate:down\n");
  const file = { ...step.planned.file, path: "db\n;drop table b;/1_a.sql" };
  const evil = { read, resume: undefined, step: { ...step, planned: { ...step.planned, file } } };
  expect(scriptOf([evil])).toContain("\n-- db?;drop table b;/1_a.sql (up)\n");
});

test("files that are read in pieces give the same", () => {
  const text = "-- migrate:up transaction:false\nbegin; a 'caf\u00e9'; commit;\n" +
    "create index concurrently on t (a);\ncopy t from stdin;\n1\n2\n\\.\n-- migrate:down\n" +
    "begin;\nb;\ncommit;";
  for (const direction of ["up", "down"] as const) {
    const whole = scriptOf([stepOf("1_a", text, direction)]);
    for (const chunkBytes of [1, 2, 7, 30]) {
      expect(scriptOf([stepOf("1_a", text, direction, chunkBytes)])).toBe(whole);
    }
  }
});

test("secrets are printed as they are: it is the files' text", () => {
  const text = "-- migrate:up\ncreate role a password 'b';\n-- migrate:down\n";
  expect(scriptOf([stepOf("1_a", text)])).toContain("create role a password 'b';");
});
