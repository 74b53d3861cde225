/** The units of a step: where each begins and ends, what it is, and that it is read late. */

import { describe, expect, test } from "bun:test";
import { bytesOf, migrationOf, sectionSql } from "../testing/parsed.ts";
import { seeded } from "../testing/seeded.ts";
import type { Range, Section } from "./migration.ts";
import { type ReadRange, type Unit, unitsOf } from "./unit.ts";

function readOf(text: string, nextSize: () => number = () => Infinity): ReadRange {
  const bytes = bytesOf(text);
  return function* ({ start, end }) {
    for (let at = start; at < end; ) {
      const size = Math.min(end - at, Math.max(1, nextSize()));
      yield bytes.slice(at, at + size);
      at += size;
    }
  };
}

function upsOf(text: string): readonly Section[] {
  return migrationOf(text).ups;
}

/** The units of all up sections; without a marker the text is one that runs unit by unit. */
function unitsIn(sql: string, nextSize?: () => number): readonly Unit[] {
  const text = textOf(sql);
  return [...unitsOf(upsOf(text), readOf(text, nextSize))];
}

function textOf(sql: string): string {
  const text = sql.startsWith("-- migrate:") ? sql : `-- migrate:up transaction:false\n${sql}`;
  return `${text.replaceAll("\n-- migrate:up", "\n-- migrate:down$&")}\n-- migrate:down`;
}

function cut(sql: string, range: Range | undefined): string {
  if (range === undefined) return "";
  return new TextDecoder().decode(bytesOf(textOf(sql)).subarray(range.start, range.end)).trim();
}

/** `kind command "text"`, with ` lead "…"` and ` alone`. */
function unitText(sql: string, unit: Unit): string {
  const lead = unit.lead === undefined ? "" : ` lead ${JSON.stringify(cut(sql, unit.lead))}`;
  const alone = unit.alone === undefined ? "" : ` ${unit.alone.kind}`;
  const range = JSON.stringify(cut(sql, unit.range));
  return `${unit.kind} ${unit.command} ${range}${lead}${alone}`;
}

const cases: readonly (readonly [name: string, sql: string, units: readonly string[]])[] = [
  ["nothing", "", []],
  ["blanks, comments and empty statements", " ; -- a\n;/* b */;", []],
  ["statements", "select 1; insert into t values (';');", [
    'statement SELECT "select 1;"', 'statement INSERT "insert into t values (\';\');"',
  ]],
  ["the last without its end", "select 1;\nselect 2 -- c", [
    'statement SELECT "select 1;"', 'statement SELECT "select 2 -- c"',
  ]],
  ["psql's commands belong to none", "\\restrict x\nselect 1;\n\\unrestrict x\nselect 2;", [
    'statement SELECT "select 1;"', 'statement SELECT "select 2;"',
  ]],
  ["a body and a block",
    "create function f() returns int begin atomic; select 1; end; do $$ ; $$;",
    ['statement CREATE FUNCTION "create function f() returns int begin atomic; select 1; end;"',
      'statement DO "do $$ ; $$;"']],
  ["a group among statements", "select 1; begin; select 2; select 3; commit; select 4;", [
    'statement SELECT "select 1;"',
    'group BEGIN "begin; select 2; select 3; commit;" lead "begin;"',
    'statement SELECT "select 4;"',
  ]],
  ["a group's modes",
    "start transaction isolation level serializable; set transaction read write; select 1; end;", [
    'group START TRANSACTION "start transaction isolation level serializable; ' +
      'set transaction read write; select 1; end;" ' +
      'lead "start transaction isolation level serializable; set transaction read write;"',
  ]],
  ["a mode behind a query leads nothing", "begin; select 1; set transaction read only; commit;", [
    'group BEGIN "begin; select 1; set transaction read only; commit;" lead "begin;"',
  ]],
  ["other SETs lead nothing", "begin; set local work_mem = 1; set transaction read only; commit;", [
    'group BEGIN "begin; set local work_mem = 1; set transaction read only; commit;" ' +
      'lead "begin;"',
  ]],
  ["an empty group", "begin; commit;", ['group BEGIN "begin; commit;" lead "begin;"']],
  ["a group that only reads", "begin read only; select 1; commit;", [
    'group BEGIN "begin read only; select 1; commit;" lead "begin read only;" repeatable',
  ]],
  ["that says so later",
    "begin; set transaction isolation level serializable, read only; commit;", [
    'group BEGIN "begin; set transaction isolation level serializable, read only; commit;" ' +
      'lead "begin; set transaction isolation level serializable, read only;" repeatable',
  ]],
  ["that says otherwise at last",
    "begin read only; set transaction read write; select 1; commit;", [
    'group BEGIN "begin read only; set transaction read write; select 1; commit;" ' +
      'lead "begin read only; set transaction read write;"',
  ]],
  ["read only in a comment", "begin /* read only? no */; insert into t values (1); commit;", [
    'group BEGIN "begin /* read only? no */; insert into t values (1); commit;" ' +
      'lead "begin /* read only? no */;"',
  ]],
  ["COPY with its data", "copy t from stdin; -- now\n1\n2\n\\.\nselect 1;", [
    'statement COPY "copy t from stdin; -- now\\n1\\n2\\n\\\\."', 'statement SELECT "select 1;"',
  ]],
  ["COPY in a group", "begin;\ncopy t from stdin;\n;\ncommit;\n\\.\ncommit;\nselect 1;", [
    'group BEGIN "begin;\\ncopy t from stdin;\\n;\\ncommit;\\n\\\\.\\ncommit;" lead "begin;"',
    'statement SELECT "select 1;"',
  ]],
  ["COPY without data", "copy t from stdin;\n\\.\ncopy u from stdin;\n\\.\n", [
    'statement COPY "copy t from stdin;\\n\\\\."', 'statement COPY "copy u from stdin;\\n\\\\."',
  ]],
  ["what must run alone", "vacuum; create index concurrently on t (i); do $$ commit; $$; call p();",
    ['statement VACUUM "vacuum;" repeatable',
      'statement CREATE INDEX CONCURRENTLY "create index concurrently on t (i);" create-index',
      'statement DO "do $$ commit; $$;" doubtful', 'statement CALL "call p();"']],
  ["a transactional section beside",
    "-- migrate:up\ncreate table a (); select 1;\n-- migrate:up transaction:false\nselect 2;\n" +
      "vacuum;\n-- migrate:up\n\n-- migrate:up\nbegin; select 3; commit;", [
      'section CREATE TABLE "create table a (); select 1;"', 'statement SELECT "select 2;"',
      'statement VACUUM "vacuum;" repeatable',
      'section BEGIN "begin; select 3; commit;" lead "begin;"',
    ]],
  ["a section that begins with its mode",
    "-- migrate:up\nset transaction isolation level serializable; select 1;\n" +
      "-- migrate:up transaction:false\nselect 2;", [
      'section SET TRANSACTION "set transaction isolation level serializable; select 1;" ' +
        'lead "set transaction isolation level serializable;"',
      'statement SELECT "select 2;"',
    ]],
  ["a section whose mode comes too late",
    "-- migrate:up\nselect 1; set transaction read only;\n" +
      "-- migrate:up transaction:false\nselect 2;",
    ['section SELECT "select 1; set transaction read only;"', 'statement SELECT "select 2;"']],
];

describe("units", () => {
  test.each(cases)("%s", (_, sql, expected) => {
    const units = unitsIn(sql);
    expect(units.map((unit) => unitText(sql, unit))).toEqual([...expected]);
    expect(units.map(({ number }) => number)).toEqual(units.map((_unit, at) => at + 1));
    const counted = upsOf(textOf(sql)).reduce((sum, { unitCount }) => sum + unitCount, 0);
    expect(units).toHaveLength(counted);
  });

  test.each(cases)("%s, however it is cut", (_, sql) => {
    const whole = unitsIn(sql);
    const random = seeded(7);
    for (const nextSize of [() => 1, () => 1 + random.below(9)]) {
      const units = unitsIn(sql, nextSize);
      expect(units.map((unit) => unitText(sql, unit)))
        .toEqual(whole.map((unit) => unitText(sql, unit)));
      expect(units.map(({ hash }) => hash)).toEqual(whole.map(({ hash }) => hash));
    }
  });

  test.each(cases)("%s: nothing but trivia lies between them", (_, sql) => {
    const text = textOf(sql);
    for (const section of upsOf(text)) {
      const own = unitsIn(sql).filter((unit) => unit.section.range.start === section.range.start);
      let at = section.range.start;
      for (const { range, offset } of own) {
        expect(range.start).toBeGreaterThanOrEqual(at);
        expect(offset).toBeGreaterThanOrEqual(range.start);
        expect(isTrivia(cut(sql, { start: at, end: range.start }))).toBe(true);
        at = range.end;
      }
      expect(isTrivia(cut(sql, { start: at, end: section.range.end }))).toBe(true);
      expect(sectionSql(text, section)).toBe(
        new TextDecoder().decode(bytesOf(text).subarray(section.range.start, section.range.end)),
      );
    }
  });
});

function isTrivia(text: string): boolean {
  const left = text.replace(/--.*|\/\*[^]*?\*\/|^\\(?:un)?restrict.*$/gm, "").replaceAll(";", "");
  return left.trim() === "";
}

test("it is known at which byte a unit's first token stands", () => {
  const sql = "select 1;\n-- ä\n/* b */ vacuum;";
  const [, second] = unitsIn(sql);
  expect(second?.offset).toBe(Buffer.from(textOf(sql)).indexOf("vacuum"));
});

test("what works concurrently is known, but not in a transactional section", () => {
  const found = unitsIn("drop index concurrently x; vacuum; begin; reindex index x; commit;");
  expect(found.map(({ concurrent }) => concurrent)).toEqual([true, false, false]);
});

test("what a unit leaves in the session is told in its order", () => {
  const [group, plain] = unitsIn(
    "begin; set a.b = 1; set local a.c = 2; create temp table t (); reset a.b; commit; select 1;",
  );
  expect(group?.traces.map((trace) => (trace.kind === "setting" ? trace.sql : trace.kind)))
    .toEqual(["set a.b = 1", "state", "reset a.b"]);
  expect(plain?.traces).toEqual([]);
});

const same: readonly (readonly [name: string, one: string, other: string])[] = [
  ["comments", "select 1 + 2;", "/* a */ select 1 -- b\n + /* c */ 2 /* d */;"],
  ["blanks and line ends", "select 1 + 2;", "\r\n\tselect\n1\r\n+ 2\n;"],
  ["a missing end", "select 1;", "select 1"],
  ["around COPY", "copy t from stdin;\n1\n\\.\n", "copy t /* a */ from stdin; -- b\n1\n\\.\n"],
  ["in a group", "begin; select 1; commit;", "begin -- a\n; /* b */ select 1;;\n\n commit;"],
  ["empty statements", "select 1;", ";;select 1;;"],
];

const different: readonly (readonly [name: string, one: string, other: string])[] = [
  ["a token", "select 1;", "select 2;"],
  ["case", "select a;", "select A;"],
  ["a blank in a string", "select 'a b';", "select 'a  b';"],
  ["COPY data", "copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n2\n\\.\n"],
  ["a line end in COPY data", "copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n1\r\n\\.\n"],
  ["one more in a group", "begin; select 1; commit;", "begin; select 1; select 1; commit;"],
  ["what ends the group", "begin; select 1; commit;", "begin; select 1; end;"],
  ["one more token", "vacuum;", "vacuum t;"],
];

describe("the hash of a unit", () => {
  test.each(same)("does not depend on %s", (_, one, other) => {
    expect(unitsIn(other).map(({ hash }) => hash)).toEqual(unitsIn(one).map(({ hash }) => hash));
  });

  test.each(different)("depends on %s", (_, one, other) => {
    expect(unitsIn(one)).toHaveLength(1);
    expect(unitsIn(other)).toHaveLength(1);
    expect(unitsIn(other)[0]?.hash).not.toBe(unitsIn(one)[0]?.hash);
  });

  test("does not depend on what stands before and behind it", () => {
    const [, one] = unitsIn("select 1; vacuum; select 2;");
    const [, other] = unitsIn("begin;\ncopy t from stdin;\n1\n\\.\ncommit; vacuum; drop table t;");
    expect(one?.hash ?? "none").toBe(other?.hash ?? "missing");
    expect(one?.hash).toMatch(/^v1:[0-9a-f]{64}$/);
  });
});

test("a long file is read no further than it is asked", () => {
  const many = 20_000;
  const text = textOf(`begin; select 0; commit;\n${"insert into t values (1);\n".repeat(many)}`);
  const sections = upsOf(text);
  const chunks = readOf(text, () => 1024);
  let read = 0;
  const units = unitsOf(sections, function* (range) {
    for (const chunk of chunks(range)) {
      read += chunk.length;
      yield chunk;
    }
  });
  units.next();
  units.next();
  expect(read).toBeLessThan(8 * 1024);
  units.return(undefined);
  expect(read).toBeLessThan(8 * 1024);
});
