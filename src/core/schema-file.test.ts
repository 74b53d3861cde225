/** What is read in a schema file: how it runs, what it sets first, what keeps it from running. */

import { describe, expect, test } from "bun:test";
import { bytesOf, faultText, noticeText } from "../testing/parsed.ts";
import { type SchemaFile, SchemaFileReader, type SchemaFileResult } from "./schema-file.ts";

function read(text: string | Uint8Array, chunk = Number.POSITIVE_INFINITY): SchemaFileResult {
  const bytes = bytesOf(text);
  const reader = new SchemaFileReader();
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.slice(at, Math.min(bytes.length, at + chunk)));
  }
  return reader.end();
}

function fileOf(text: string | Uint8Array, chunk?: number): SchemaFile {
  const result = read(text, chunk);
  if (result.kind === "schema-file") return result.file;
  throw new Error(faultText(text, result.fault));
}

/** The units and why they are ones, or the wrapper's texts, or that all is one transaction. */
function shape(text: string): string {
  const result = read(text);
  if (result.kind === "fault") return faultText(text, result.fault);
  const { units, wrapper } = result.file;
  if (units !== undefined) {
    return `${units.count} units: ${noticeText(text, { ...units, message: units.reason })}`;
  }
  const left = wrapper.map(({ start, end }) => text.slice(start, end));
  return left.length === 0 ? "one" : `one without ${left.join(" ")}`;
}

const shapes: readonly (readonly [text: string, expected: string])[] = [
  ["", "one"],
  ["-- c\n/* d */", "one"],
  ["select 1; select 2", "one"],
  ["begin; a; commit;", "one without begin; commit;"],
  ["set x = 1;\nstart transaction; a; commit;",
    "2 units: 2:1 BEGIN is transaction control of its own"],
  ["\\restrict x\nBEGIN WORK;\na;\nEND;\n\\unrestrict x\n", "one without BEGIN WORK; END;"],
  ["begin;\nset local x = 1; commit;", "one without begin; commit;"],
  ["set local x = 1;", "one"],
  ["begin; a; commit;\nb;", "2 units: 1:11 statements follow this commit"],
  ["a; begin; b; commit;", "2 units: 1:4 BEGIN is transaction control of its own"],
  ["begin; a; commit; begin; b; commit;", "2 units: 1:11 statements follow this commit"],
  ["begin isolation level serializable; a; commit;",
    "1 units: 1:1 BEGIN is transaction control of its own"],
  ["a;\ncreate index concurrently on t (i);\nb;",
    "3 units: 2:1 CREATE INDEX CONCURRENTLY cannot run inside a transaction"],
  ["vacuum;", "1 units: 1:1 VACUUM cannot run inside a transaction"],
  ["begin; a; commit; vacuum;", "2 units: 1:11 statements follow this commit"],
  ["begin; vacuum; commit;", "! 1:8 VACUUM cannot run between begin and commit"],
  ["vacuum; set local x = 1;", "! 1:9 SET LOCAL has no effect outside a transaction"],
  ["begin; a;", "! 1:1 this begin has no commit: what follows would be lost"],
  ["a; begin; b;", "! 1:4 this begin has no commit: what follows would be lost"],
  ["a; rollback;", "! 1:4 rollback cannot stand here: a group is begin; … commit;"],
  ["commit;", "! 1:1 commit cannot stand here: a group is begin; … commit;"],
  ["do $$ begin commit; end $$;", "one"],
  ["a; BEGIN; SELECT pg_catalog.lo_open('1', 131072); select pg_catalog.lowrite(0, '');\nCOMMIT;",
    "one without BEGIN; COMMIT;"],
  ["begin; a; begin; select pg_catalog.lo_close(0); commit; b; commit;",
    "one without begin; commit; begin; commit;"],
  ["a; begin; select pg_catalog.lo_close(0); select pg_catalog.now(); commit;",
    "2 units: 1:4 BEGIN is transaction control of its own"],
  ["a; begin; select pg_catalog.lo_close(0);",
    "! 1:4 this begin has no commit: what follows would be lost"],
  ["a; begin; select pg_catalog.lo_close(0); commit; vacuum;",
    "3 units: 1:50 VACUUM cannot run inside a transaction"],
];

test.each(shapes)("%p runs as %s", (text, expected) => {
  expect(shape(text)).toBe(expected);
});

const faults: readonly (readonly [text: string | Uint8Array, expected: string])[] = [
  ["a;\n \\connect app\nb;",
    "! 2:2 \\connect leads into another database: this is a dump of pg_dump --create"],
  ["\\c app\n",
    "! 1:1 \\c leads into another database: this is a dump of pg_dump --create"],
  ["-- c\nCREATE DATABASE app WITH TEMPLATE = template0;\n\\connect app\n",
    "! 2:1 CREATE DATABASE cannot be loaded into a database: this is a dump of pg_dump --create"],
  ["DROP DATABASE IF EXISTS app;",
    "! 1:1 DROP DATABASE cannot be loaded into a database: this is a dump of pg_dump --create"],
  ["a;\n\\i other.sql\n", "! 2:1 \\i is a command of psql, not SQL"],
  ["a \\gexec\n", "! 1:3 a backslash outside of quotes is no SQL"],
  ["a;\nselect 'b;\n", "! 2:8 this string never ends"],
  ["a;\n/* b", "! 2:1 this comment never ends"],
  ["copy a from stdin;\n1\n", "! 1:1 the data of this COPY never ends"],
  ["copy a from stdin; b;\n\\.\n", "! 1:20 nothing may follow COPY … FROM STDIN; on its line"],
  ["set client_encoding = 'LATIN1';", "! 1:1 client_encoding 'LATIN1': files are UTF-8"],
  ["discard all;", "! 1:1 DISCARD ALL would let the run lock go"],
  ["a;\n'\0'", "! 2:2 a NUL byte, which Postgres takes in no text"],
  [Uint8Array.of(0x61, 0x0a, 0xff), "! 2:1 this is not UTF-8"],
  ["a; \\bad\nbegin; b;", "! 1:4 \\bad is a command of psql, not SQL"],
];

test.each(faults)("%p is refused", (text, expected) => {
  for (const chunk of [undefined, 1]) {
    const result = read(text, chunk);
    expect(result.kind === "fault" ? faultText(text, result.fault) : "-").toBe(expected);
  }
});

describe("the preamble", () => {
  const searchPath = "SELECT pg_catalog.set_config('search_path', '', false);\n";
  const cases: readonly (readonly [text: string, settings: readonly string[], rest: string])[] = [
    ["SET a = 0;\nSET SESSION b TO 'x', 'y';\nSET \"C\" = on;\na;\nSET d = 1;",
      ["a 0", "b 'x'", "c on"], "\na;\nSET d = 1;"],
    [`-- c\nSET a = 0;\n${searchPath}SET b = 1;\nselect set_config('search_path', '', false);`,
      ["a 0", "b 1"], "\nselect set_config('search_path', '', false);"],
    ["begin;\nset a = 1;\nb; commit;", ["a 1"], "\nb; commit;"],
    ["\\restrict x\n\nset a = 1;\n\\unrestrict x\nb;", ["a 1"], "\nb;"],
    ["SET SESSION AUTHORIZATION DEFAULT;\nSET NAMES 'utf8';\nSET TIME ZONE 'UTC';\nset a.b = 1;",
      [], ""],
    ["SET ROLE x; SET a = 1;", [], "SET ROLE x; SET a = 1;"],
    ["a; set b = 1;", [], "a; set b = 1;"],
    ["set a = 1;", ["a 1"], ""],
  ];

  test.each(cases)("%p", (text, settings, rest) => {
    for (const chunk of [undefined, 1]) {
      const file = fileOf(text, chunk);
      expect(file.settings.map(({ name, value }) => `${name} ${value}`)).toEqual([...settings]);
      expect(text.slice(file.preambleEnd)).toBe(rest);
    }
  });
});

test.each([
  ["create schema public;", "create schema public;"],
  ["-- c\nCREATE SCHEMA \"public\"  ;", "CREATE SCHEMA \"public\"  ;"],
  ["CREATE /* c */ SCHEMA PUBLIC;", "CREATE /* c */ SCHEMA PUBLIC;"],
  ["CREATE SCHEMA \"PUBLIC\";", undefined],
  ["CREATE SCHEMA public AUTHORIZATION x;", undefined],
  ["CREATE SCHEMA IF NOT EXISTS public;", undefined],
  ["CREATE SCHEMA a;", undefined],
  ["DROP SCHEMA IF EXISTS public;\nCREATE SCHEMA public;", undefined],
  ["drop schema a, \"public\" cascade; create schema public;", undefined],
  ["drop schema publics; create schema public;", "create schema public;"],
  ["do $$ drop schema public $$; create schema public;", "create schema public;"],
])("in %p the schema public is made by %p", (text, expected) => {
  const made = fileOf(text).createsPublic;
  expect(made === undefined ? undefined : text.slice(made.start, made.end)).toBe(expected);
});

test("a byte order mark is not loaded", () => {
  expect(fileOf("\ufeffa;").range).toEqual({ start: 3, end: 5 });
  expect(fileOf("\ufeffa;", 1).range).toEqual({ start: 3, end: 5 });
  expect(fileOf("\ufeff").statementCount).toBe(0);
});
