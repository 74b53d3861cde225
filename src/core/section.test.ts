/** What keeps a section from running, and what is dropped or told, statement by statement. */

import { describe, expect, test } from "bun:test";
import { faultText, migrationOf, noticeText } from "../testing/parsed.ts";
import { isIgnoredMetaCommand } from "./sql-faults.ts";

/** The first line of the section is line 2; `-` in place of a fault says that there is none. */
type Case = readonly [name: string, sql: string, expected: string];

function upOf(sql: string, option: string) {
  const text = `-- migrate:up${option}\n${sql}\n-- migrate:down\n`;
  const [section] = migrationOf(text).ups;
  if (section === undefined) throw new Error("no up");
  return { text, section };
}

function faultIn(sql: string, option: string): string {
  const { text, section } = upOf(sql, option);
  return section.fault === undefined ? "-" : faultText(text, section.fault).slice(2);
}

const inner = "inside a section that already runs in one transaction";

const transactional: readonly Case[] = [
  ["nothing", "", "-"],
  ["one statement", "select 1;", "-"],
  ["several", "select 1; select 2;\nselect 3", "-"],
  ["a wrapper", "begin;\nselect 1;\ncommit;", "-"],
  ["savepoint", "select 1;\n savepoint a;", `3:2 savepoint ${inner}`],
  ["release", "release a;", `2:1 release ${inner}`],
  ["rollback", "select 1; rollback;", `2:11 rollback ${inner}`],
  ["rollback to", "rollback to a;", `2:1 rollback ${inner}`],
  ["abort", "abort;", `2:1 abort ${inner}`],
  ["commit alone", "select 1;\ncommit;", `3:1 commit ${inner}`],
  ["end alone", "end;", `2:1 end ${inner}`],
  ["commit and chain", "begin; select 1; commit and chain;", `2:18 commit ${inner}`],
  ["begin in the middle", "select 1;\nbegin;\ncommit;", `3:1 begin ${inner}`],
  ["begin twice", "begin;\nbegin;\ncommit;", `3:1 begin ${inner}`],
  ["start transaction in the middle", "a; start transaction;", `2:4 start transaction ${inner}`],
  ["SQL behind the commit", "begin;\na;\ncommit;\nb;", `4:1 commit ${inner}`],
  ["two groups", "begin; a; commit; begin; b; commit;", `2:11 commit ${inner}`],
  ["two commits", "begin; a; commit; commit;", `2:11 commit ${inner}`],
  ["a begin with a mode", "begin isolation level serializable; a; commit;", `2:1 begin ${inner}`],
  ["a start with a mode", "start transaction read only; commit;",
    `2:1 start transaction ${inner}`],
  ["rollback in the wrapper", "begin; a; rollback;", `2:11 rollback ${inner}`],
  ["prepare transaction", "prepare transaction 'x';", `2:1 prepare transaction ${inner}`],
  ["commit prepared", "commit prepared 'x';", `2:1 commit prepared ${inner}`],
  ["rollback prepared", "rollback prepared 'x';", `2:1 rollback prepared ${inner}`],
  ["a begin that has no commit", "-- c\nbegin;\na;",
    "3:1 this begin has no commit: what follows would be lost"],
  ["a wrapper that ends twice", "begin; end; end;", `2:8 commit ${inner}`],
  ["control in a body", "do $$ begin commit; end $$;", "-"],
  ["control in a string", "select 'x; commit; y';", "-"],
  ["control in a comment", "/* commit; */ a; -- rollback;", "-"],
  ["an atomic body", "create function f() returns int begin atomic select 1; end;", "-"],
  ["prepare a statement", "prepare p as select 1;", "-"],
  ["set transaction", "set transaction isolation level serializable;", "-"],
  ["set local", "set local statement_timeout = 0;", "-"],
  ["refresh concurrently, which can", "refresh materialized view concurrently v;", "-"],
  ["create index concurrently", "create table t (a int);\ncreate index concurrently on t (a);",
    "3:1 CREATE INDEX CONCURRENTLY cannot run inside a transaction"],
  ["vacuum", "  vacuum;", "2:3 VACUUM cannot run inside a transaction"],
  ["create database", "/* c */ create database d;",
    "2:9 CREATE DATABASE cannot run inside a transaction"],
  ["alter system", "alter system set a = 1;", "2:1 ALTER SYSTEM cannot run inside a transaction"],
  ["drop index concurrently", "drop index concurrently i;",
    "2:1 DROP INDEX CONCURRENTLY cannot run inside a transaction"],
  ["alone in the wrapper", "begin; vacuum; commit;",
    "2:8 VACUUM cannot run inside a transaction"],
  ["alone behind the wrapper", "begin; commit; vacuum;", `2:8 commit ${inner}`],
  ["the first of several faults", "vacuum;\nsavepoint a;\n\\echo x",
    "2:1 VACUUM cannot run inside a transaction"],
];

const noGroup = "cannot stand here: a group is begin; … commit;";

const units: readonly Case[] = [
  ["nothing", "", "-"],
  ["alone", "vacuum;", "-"],
  ["concurrently among others", "a;\ncreate index concurrently on t (a);\nb;", "-"],
  ["a group", "begin; a; b; commit;", "-"],
  ["groups and statements", "a; begin; b; commit; c; start transaction; d; end; e", "-"],
  ["a group with a mode", "begin isolation level serializable; a; commit;", "-"],
  ["an empty group", "begin; commit;", "-"],
  ["a begin that has no commit", "a;\nbegin;\nb;",
    "3:1 this begin has no commit: what follows would be lost"],
  ["the second group has no commit", "begin; commit;\nbegin;",
    "3:1 this begin has no commit: what follows would be lost"],
  ["a commit that has no begin", "a;\n commit;", `3:2 commit ${noGroup}`],
  ["two commits", "begin; commit; commit;", `2:16 commit ${noGroup}`],
  ["a begin in a group", "begin;\nbegin;\ncommit;", `3:1 begin ${noGroup}`],
  ["rollback", "rollback;", `2:1 rollback ${noGroup}`],
  ["rollback in a group", "begin; a; rollback;", `2:11 rollback ${noGroup}`],
  ["abort", "begin; abort;", `2:8 abort ${noGroup}`],
  ["savepoint in a group", "begin; savepoint a; commit;", `2:8 savepoint ${noGroup}`],
  ["release", "begin; release a; commit;", `2:8 release ${noGroup}`],
  ["commit and chain", "begin; commit and chain;", `2:8 commit ${noGroup}`],
  ["prepare transaction", "begin; prepare transaction 'x';",
    `2:8 prepare transaction ${noGroup}`],
  ["commit prepared", "commit prepared 'x';", `2:1 commit prepared ${noGroup}`],
  ["alone in a group", "begin;\ncreate index concurrently on t (a);\ncommit;",
    "3:1 CREATE INDEX CONCURRENTLY cannot run between begin and commit"],
  ["set local outside of a group", "a; set local x = 1;",
    "2:4 SET LOCAL has no effect outside a transaction"],
  ["set local in a group", "begin; set local x = 1; commit;", "-"],
  ["set local behind a group", "begin; commit; set local x = 1;",
    "2:16 SET LOCAL has no effect outside a transaction"],
  ["set constraints", "set constraints all deferred;",
    "2:1 SET CONSTRAINTS has no effect outside a transaction"],
  ["set transaction in a group", "begin; set transaction read only; commit;", "-"],
  ["set", "set x = 1;", "-"],
];

const either: readonly Case[] = [
  ["copy with its data", "copy t from stdin;\n1\n\\.\na;", "-"],
  ["copy without data", "copy t from stdin;\n\\.", "-"],
  ["copy and a comment on its line", "copy t from stdin; -- rows\n1\n\\.", "-"],
  ["copy from a file", "copy t from '/tmp/x';", "-"],
  ["copy without its semicolon", "a;\ncopy t from stdin",
    "3:1 COPY … FROM STDIN needs its `;` and then, from the next line on, its data"],
  ["a statement on the line of the copy", "copy t from stdin; a;\n1\n\\.",
    "2:20 nothing may follow COPY … FROM STDIN; on its line"],
  ["restrict and unrestrict, as dumps have them", "\\restrict x\na;\n\\unrestrict x", "-"],
  ["echo", "a;\n\\echo x", "3:1 \\echo is a command of psql, not SQL"],
  ["a command behind blanks", "  \\i other.sql", "2:3 \\i is a command of psql, not SQL"],
  ["connect", "\\connect other", "2:1 \\connect is a command of psql, not SQL"],
  ["set of psql", "\\set x 1", "2:1 \\set is a command of psql, not SQL"],
  ["the end of data where there are none", "a;\n\\.", "3:1 \\. is a command of psql, not SQL"],
  ["longer than restrict", "\\restricted", "2:1 \\restricted is a command of psql, not SQL"],
];

const tables = [
  ["in a transaction", "", transactional],
  ["transaction:false", " transaction:false", units],
  ["in a transaction, too", "", either],
  ["transaction:false, too", " transaction:false", either],
] as const;

for (const [title, option, cases] of tables) {
  describe(title, () => {
    test.each([...cases])("%s", (_, sql, expected) => {
      expect(faultIn(sql, option)).toBe(expected);
      if (expected === "-") return;
      const { fault } = upOf(sql, option).section;
      expect(fault?.code).toBe("migration-statement");
      expect(fault?.hint).toMatch(/^[a-z]/);
    });
  });
}

test.each([
  ["", 0],
  ["-- c\n;;", 0],
  ["a;", 1],
  ["a; b; c", 1],
  ["copy t from stdin;\n1\n\\.", 1],
] as const)("one unit in a transaction: %j", (sql, count) => {
  expect(upOf(sql, "").section.unitCount).toBe(count);
});

test.each([
  ["", 0],
  ["-- c\n;;", 0],
  ["a; b; c", 3],
  ["a; begin; b; c; commit; d;", 3],
  ["begin; commit; begin; commit;", 2],
  ["copy t from stdin;\n1\n2\n\\.\na;", 2],
  ["\\restrict x\na;", 1],
] as const)("units under transaction:false: %j", (sql, count) => {
  expect(upOf(sql, " transaction:false").section.unitCount).toBe(count);
});

const dropped = "begin and commit around the section are left out: the step is a transaction";

test.each([
  ["begin;\na;\ncommit;", "begin; | commit;"],
  ["BEGIN ;a;COMMIT", "BEGIN ; | COMMIT"],
  ["/* c */ begin work; a; -- d\n end work -- e\n;", "begin work; | end work -- e\n;"],
  ["start transaction; a; commit work;", "start transaction; | commit work;"],
  ["begin transaction; a; end transaction", "begin transaction; | end transaction"],
  ["begin; commit;", "begin; | commit;"],
  ["begin; a; commit;;\n-- c", "begin; | commit;"],
  ["begin; copy t from stdin;\n1\n\\.\ncommit;", "begin; | commit;"],
] as const)("the wrapper, to the byte: %j", (sql, expected) => {
  const { text, section } = upOf(sql, "");
  const encoded = Buffer.from(text);
  const ranges = section.wrapper.map(({ start, end }) => encoded.subarray(start, end).toString());
  expect(ranges.join(" | ").trimEnd()).toBe(expected);
  expect(section.fault).toBeUndefined();
  expect(section.notices.map(({ message }) => message)).toEqual([dropped]);
});

test.each([
  "a;",
  "select 'begin'; select 'commit';",
  "do $$ begin end $$;",
  "begin; a;",
])("no wrapper: %j", (sql) => {
  expect(upOf(sql, "").section.wrapper).toEqual([]);
});

test("under transaction:false a group is no wrapper", () => {
  const { section } = upOf("begin; a; commit;", " transaction:false");
  expect(section.wrapper).toEqual([]);
  expect(section.notices).toEqual([]);
});

const timeout = "the section sets lock_timeout itself; that value holds from here on";
const ofStatements = timeout.replace("lock_", "statement_");

test.each([
  ["a;\nset lock_timeout = '1s';", "", [`3:1 ${timeout}`]],
  ["set local lock_timeout = 0;", "", [`2:1 ${timeout}`]],
  ["select set_config('lock_timeout', '0', true);", "", [`2:1 ${timeout}`]],
  [" set lock_timeout = 0; a; set lock_timeout = 1;", " transaction:false",
    [`2:2 ${timeout}`, `2:27 ${timeout}`]],
  ["begin;\nset lock_timeout = 0;\ncommit;", "", [`3:1 ${timeout}`, `2:1 ${dropped}`]],
  ["a;\nset local statement_timeout = '1s';", "", [`3:1 ${ofStatements}`]],
  ["select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true);", "",
    [`2:1 ${timeout}`, `2:1 ${ofStatements}`]],
  ["set idle_in_transaction_session_timeout = 0;", "", []],
] as const)("notices: %j", (sql, option, expected) => {
  const { text, section } = upOf(sql, option);
  expect(section.notices.map((notice) => noticeText(text, notice))).toEqual([...expected]);
});

test("a fault of the down keeps no up from running, nor the other way round", () => {
  const text = (up: string, down: string): string =>
    `-- migrate:up${up}\na;\n-- migrate:down${down}\nb;\n`;
  for (const bad of ["\nsavepoint a;", "\nselect 'x'; select '", "\n\\echo x", " drop table t;"]) {
    const { ups, downs } = migrationOf(text("", bad));
    expect(ups.map((section) => section.fault)).toEqual([undefined]);
    expect(downs.map((section) => section.fault?.offset)).not.toEqual([undefined]);
  }
  const { ups, downs } = migrationOf(text(" transaction:no", ""));
  expect(ups.map((section) => section.fault?.code)).toEqual(["migration-format"]);
  expect(downs.map((section) => section.fault)).toEqual([undefined]);
});

test.each([
  ["restrict", true],
  ["unrestrict", true],
  ["RESTRICT", false],
  ["", false],
  ["echo", false],
] as const)("ignored of psql's commands: %j", (name, ignored) => {
  expect(isIgnoredMetaCommand(name)).toBe(ignored);
});
