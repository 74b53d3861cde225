/** What a marker line says: its option in every spelling, words that mean nothing, lost SQL. */

import { describe, expect, test } from "bun:test";
import { holdsMarker, isMarker, type Marker, readMarker } from "./marker.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Of `-- migrate:up` with these words behind it. */
function markerOf(words: string): Marker {
  const marker = readMarker(bytes(`-- migrate:up${words}`));
  if (marker === undefined) throw new Error(`${words} makes it no marker`);
  return marker;
}

test.each([
  ["-- migrate:up", "up"],
  ["-- migrate:down", "down"],
  ["--migrate:up", "up"],
  ["--\t \fmigrate:down", "down"],
  ["-- migrate:up ", "up"],
  ["-- migrate:up\t\t", "up"],
  ["-- migrate:up words", "up"],
  ["-- migrate:down -- migrate:up", "down"],
  ["-- migrate:up\r", "up"],
  ["-- migrate:upgrade", undefined],
  ["-- migrate:up;", undefined],
  ["-- migrate:up:", undefined],
  ["-- migrate:", undefined],
  ["-- migrate:UP", undefined],
  ["-- Migrate:up", undefined],
  ["-- migrate: up", undefined],
  ["--- migrate:up", undefined],
  ["-- x migrate:up", undefined],
  ["--\u00a0migrate:up", undefined],
  ["--\vmigrate:up", undefined],
  ["-- migrate:up\u00a0", undefined],
  ["-- migrate:up\v", undefined],
  ["-- migrate:up\u2003x", undefined],
  ["-- migrate:up\ufeff", undefined],
  ["", undefined],
] as const)("is it a marker: %j", (text, direction) => {
  expect(readMarker(bytes(text))?.direction).toBe(direction as "up");
  expect(isMarker(bytes(text))).toBe(direction !== undefined);
});

describe("the option", () => {
  test.each([
    ["", true],
    [" transaction:false", false],
    ["\ttransaction:false\t", false],
    ["   transaction:false  ", false],
    [" transaction:false\r", false],
    [" transaction:true", true],
    [" transaction:false transaction:true", true],
    [" transaction:true transaction:false", false],
    [" words transaction:false", false],
    [" transaction:false words", false],
    [" x:y", true],
  ] as const)("%j", (words, transactional) => {
    expect(markerOf(words).transactional).toBe(transactional);
    expect(markerOf(words).problem).toBeUndefined();
  });

  test.each([
    " transaction:FALSE",
    " transaction:False",
    " Transaction:false",
    " TRANSACTION:FALSE",
    " transaction:flase",
    " transaction:no",
    " transaction:off",
    " transaction:0",
    " transaction:f",
    " transaction:True",
    " transaction:",
    " transaction:false;",
    " transaction:false,",
    " transaction:false:x",
    " transaction:false--",
    " transaction:'false'",
    ' transaction:"false"',
    " transaction:\u00a0false",
    " transaction:false\u00a0",
    " transaction: false",
    " transaction :false",
    " transaction : false",
    " transaction=false",
    " transaction = false",
    " transaction false",
    " transaction off",
    " Transaction False",
    " transactions:false",
    " transactional:false",
    " transact:false",
    " transaction:false transaction:no",
    " words transaction:no",
  ])("refused: %j", (words) => {
    const { problem } = markerOf(words);
    expect(problem?.message).toMatch(/ is no option that can be read$/);
    expect(problem?.hint).toMatch(/transaction:false/);
  });

  test.each([
    " transaction",
    " transaction log for accounts",
    " transactions",
    " new transaction table",
    " transaction table; see below",
    " in a transaction",
    " transaction on hold",
    " transactions: one more column",
    " the transaction: what it holds",
  ])("a remark: %j", (words) => {
    expect(markerOf(words).problem).toBeUndefined();
    expect(markerOf(words).transactional).toBe(true);
  });

  test.each([
    [" transaction:no", 14],
    ["\t  words  transaction:no more", 23],
    [" caf\u00e9 transaction:no", 20],
    [" transaction:false transaction:no", 32],
  ] as const)("where: %j", (words, offset) => {
    const { problem } = markerOf(words);
    expect(problem?.offset).toBe(offset);
    const rest = bytes(`-- migrate:up${words}`).subarray(offset);
    expect(new TextDecoder().decode(rest)).toStartWith("transaction:no");
  });
});

test.each([
  ["", []],
  [" a", ["a"]],
  [" a\tb  c ", ["a", "b", "c"]],
  [" create users", ["create", "users"]],
  [" x:y transaction:false z=1", ["x:y", "z=1"]],
  [" -- migrate:down", ["--", "migrate:down"]],
  [" caf\u00e9\u2003x", ["caf\u00e9\u2003x"]],
] as const)("words that mean nothing: %j", (words, stray) => {
  expect([...markerOf(words).strayWords]).toEqual([...stray]);
  expect(markerOf(words).problem).toBeUndefined();
});

describe("SQL on the marker's line", () => {
  test.each([
    " create table z(i int);",
    " CREATE TABLE z (i int)",
    " create index i on t (a);",
    " create unique index concurrently i",
    " create extension hstore",
    " drop table z",
    " drop table z; -- gone",
    " alter table t add c int;",
    " insert into t values (1)",
    " update t set a = 1",
    " update t set a=1;",
    " delete from t",
    " select 1",
    " select 'x'",
    " select f()",
    " select * from t",
    " with a as (select 1) select",
    " do $$ begin end $$",
    " grant select on t to x",
    " grant usage on schema s to x",
    " revoke all on t from x",
    " truncate t;",
    " comment on table t is 'x'",
    " vacuum;",
    " begin;",
    " call p(1)",
    " copy t (a) from stdin;",
    " set lock_timeout = '1s'",
    " refresh materialized view v",
  ])("refused: %j", (words) => {
    const { problem } = markerOf(words);
    expect(problem?.message).toBe("SQL on the marker's own line would never run");
    expect(problem?.hint).toMatch(/on the line after `-- migrate:up`/);
    expect(problem?.offset).toBe(14);
  });

  test.each([
    " create users",
    " create the users table",
    " drop old columns (see #123)",
    " update statistics; see the wiki",
    " comment (see above)",
    " select better defaults",
    " set things right",
    " with care",
    " do not run on Mondays",
    " call the team first",
    " users (id, name);",
    " the table of users",
    " lock down permissions",
    " -- create table z(i int);",
  ])("a remark: %j", (words) => {
    expect(markerOf(words).problem).toBeUndefined();
  });

  test("the hint names the marker's own direction", () => {
    const marker = readMarker(bytes("-- migrate:down drop table z;"));
    expect(marker?.problem?.hint).toMatch(/`-- migrate:down`/);
    expect(marker?.problem?.offset).toBe(16);
  });
});

test.each([
  ["a\n-- migrate:down\nb", true],
  ["-- migrate:up", true],
  ["a\r\n--migrate:up x\r\n", true],
  ["a -- migrate:down\n", false],
  ["a\n-- migrate:downs\n", false],
  ["", false],
] as const)("text that never ended holds a marker: %j", (text, expected) => {
  expect(holdsMarker(bytes(text))).toBe(expected);
});
