/** What the built pgmate says when the server refuses a statement: where, why, what now. */
import { describe, expect, test } from "bun:test";
import type { ProgramResult } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, trial, units } from "./testing/trial.ts";

/** The place that the error must name; it is taken out before the file is written. */
const mark = "§";

interface Marked {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** The marked line up to the mark. */
  readonly before: string;
}

function marked(text: string): Marked {
  const at = text.indexOf(mark);
  const lines = text.slice(0, at).split("\n");
  const before = lines.at(-1) ?? "";
  return {
    text: text.replace(mark, ""),
    line: lines.length,
    column: [...before].length + 1,
    before: before.replace("\ufeff", ""),
  };
}

/** The caret stands as far from the bar as the mark stands from the line's beginning. */
function expectPlace(result: ProgramResult, path: string, place: Marked): void {
  const { stderr } = result;
  expect(stderr).toContain(`Error: ${path}:${place.line}:${place.column}: `);
  const shown = new RegExp(`^  ${place.line} \\| (.*)\n +\\| (.*)\\^$`, "m").exec(stderr);
  const [, line = "", blanks = ""] = shown ?? [];
  if (!line.startsWith("…")) expect(line).toStartWith(place.before);
  expect(blanks.replace(/[^\t ]/g, "")).toBe(blanks);
  const cut = line.startsWith("…") ? [...line].slice(0, blanks.length).join("") : place.before;
  expect(Bun.stringWidth(blanks)).toBe(Bun.stringWidth(cut));
  expect(blanks.split("\t").length).toBe(cut.split("\t").length);
}

/** More than goes into one message. */
const filler = `select '${"é".repeat(500)}'; -- 😀\n`.repeat(4_500);
const places: readonly (readonly [title: string, text: string])[] = [
  ["a word on line 7", pair("\n\n\ncreate table a (i int);\n\nselect 1 from a b §c d;")],
  ["behind an emoji and a combining character", pair("select '😀e\u0301', §nope;")],
  ["behind emojis on lines before", pair("select '😀😀'; -- 😀\nselect '中', §nope;")],
  ["behind tabs", pair("select\n\t1,\t\t'中',\t§nope;")],
  ["with CRLF", pair("select 1;\nselect '😀',\n  §nope;").replaceAll("\n", "\r\n")],
  ["behind a byte-order mark", `\ufeff${pair("select §nope;")}`],
  ["in a long line", pair(`select ${"1, ".repeat(100)}§nope, ${"1, ".repeat(100)} 1;`)],
  ["in the second pair", pair("select 1;") + pair("select '😀';\nselect §nope;")],
  ["behind begin, which is left out", pair("begin;\nselect 1;\nselect §nope;\ncommit;")],
  ["in a unit", units("select 1;\n\nselect '😀', §nope;")],
  ["in a group", units("select 1;\nbegin;\nselect 1;\nselect §nope;\ncommit;")],
  ["in the second message", pair(`create table a (i int);\n${filler}select §nope;`)],
  ["at the end, in the middle of a statement", pair("select 1;\nselect 1 +§")],
  ["at the end, before a comment", pair("create table a (i int§ -- and so on")],
  ["at the end of a unit", units("select 1;\nselect 1 +§\n\n")],
  ["in a function's body", pair(
    "create function f() returns int language plpgsql as $$\nbegin\n  §retrn 1;\nend $$;",
  )],
  ["in an SQL function's body", pair(
    "create function f() returns int language sql as $$\n  select §nope $$;",
  )],
  ["in the options of a COPY", pair(
    "create table ü (i int);\n/* 😀 */ copy ü from stdin with (§nope);\n1\n\\.\n",
  )],
  ["the third statement, without the server's help", pair(
    "create table a (i int primary key);;\n;insert into a values (1);\n  §insert into a select 1;",
  )],
  ["a unit, without the server's help", units(
    "create table a (i int primary key);\ninsert into a values (1);\n" +
      "/* c */ §insert into a select 1;",
  )],
  ["a row of a COPY", pair(
    "create table a (i int);\ncopy a from stdin;\n1\n2\n§three\n4\n\\.\nselect 1;",
  )],
  ["a row of CSV with its header", pair(
    "create table a (t text, i int);\ncopy a from stdin with (format csv, header);\n" +
      "t,i\n\"a\nb\",1\n§c,d\n\\.\n",
  )],
  ["a row of CRLF data", pair(
    "create table a (i int);\ncopy a from stdin;\n1\n§x\n\\.\n",
  ).replaceAll("\n", "\r\n")],
  ["a row that a trigger refuses", pair(
    "create table a (i int);\n" +
      "create function f() returns trigger language plpgsql as\n" +
      "  $$ begin if new.i = 2 then raise 'no two'; end if; return new; end $$;\n" +
      "create trigger t before insert on a for each row execute function f();\n" +
      "copy a from stdin;\n1\n§2\n\\.\n",
  )],
];

describe("the place is", () => {
  test.each(places)("%s", async (_title, text) => {
    const place = marked(text);
    await using t = await trial(await server(17), { "1_a.sql": place.text });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expectPlace(up, "db/migrations/1_a.sql", place);
  });

  test("in the down section", async () => {
    const place = marked(pair("select 1;", "select '😀';\nselect §nope;"));
    await using t = await trial(await server(17), { "1_a.sql": place.text });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const back = await t.pgmate(["rollback"]);
    expectPlace(back, "db/migrations/1_a.sql", place);
    expect(back.stderr).toContain("nothing of 1_a.sql was kept");
    expect(back.stderr).toContain("then run `pgmate rollback`");
    expect(await t.applied()).toEqual(["1"]);
  });
});

test("a whole error, line by line", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create table a (i int primary key);"),
    "2_b.sql": pair("select 1;\n  select upper(1);"),
    "3_c.sql": pair("select 3;"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.stderr.split("\n").slice(1)).toEqual([
    "Error: db/migrations/2_b.sql:3:10: function upper(integer) does not exist (SQLSTATE 42883)",
    "",
    "  3 |   select upper(1);",
    "    |          ^",
    "",
    "Hint: No function matches the given name and argument types. You might need to add explicit" +
      " type casts.",
    "State: nothing of 2_b.sql was kept; done before it: 1_a.sql; not reached: 3_c.sql",
    "Next: correct the file, then run `pgmate up` again",
    "",
  ]);
});

describe("the server's words", () => {
  const cases: readonly (readonly [title: string, sql: string, words: readonly string[]])[] = [
    [
      "detail of a violated constraint",
      "create table a (i int primary key); insert into a values (1), (1);",
      ["duplicate key value violates unique constraint \"a_pkey\"", "Detail: Key (i)=(1) already"],
    ],
    [
      "context of a function",
      "create function f(i int) returns int language plpgsql as $$ begin return 1/i; end $$;\n" +
        "select f(0);",
      ["division by zero", "Context: PL/pgSQL function f(integer) line 1 at RETURN"],
    ],
    [
      "context and query of a DO block",
      "do $$\nbegin\n  perform nope();\nend $$;",
      ["nope() does not exist", "inline_code_block line 3 at PERFORM", "Query: SELECT nope()"],
    ],
    [
      "detail and hint that a function raises",
      "do $$ begin raise 'm' using detail = 'the d', hint = 'the h', errcode = 'XY123'; end $$;",
      ["m (SQLSTATE XY123)", "Detail: the d", "Hint: the h"],
    ],
    [
      "an error whose place the server does not tell",
      "select 1; select E'\\xff';",
      ["1_a.sql, at a place that the server does not tell: invalid byte sequence"],
    ],
    ["the end of what is not whole", "select 1 +", ["syntax error at end of input"]],
  ];

  test.each(cases)("%s", async (_title, sql, words) => {
    await using t = await trial(await server(17), { "1_a.sql": pair(sql) });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    for (const word of words) expect(up.stderr).toContain(word);
  });
});

test("what runs outside of a transaction and stays is counted", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("create table a (i int);\ncreate table a (i int);\ncreate table c (i int);"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("db/migrations/1_a.sql:3:1: relation \"a\" already exists");
  expect(up.stderr).toContain("1_a.sql is not recorded as applied");
  expect(up.stderr).toContain("1 of its 3 statements ran and stay");
  expect(await t.applied()).toEqual([]);
});

test("a redo that failed half way is gone on with by up", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("select 1;", "select 1;"),
    "2_b.sql": pair("select count(*) from pg_class where relname = 'x';", "create table x ();"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "2_b.sql": pair("select nope;", "select 1;") });
  const redo = await t.pgmate(["redo"]);
  expect(redo.status).toBe(2);
  expect(redo.stderr).toContain("then run `pgmate up --to=2`");
  expect(await t.applied()).toEqual(["1"]);
});

describe("no secret is shown of", () => {
  const secret = "sesame42";
  const cases: readonly (readonly [title: string, sql: string])[] = [
    ["a password", `create user u1 password '${secret}' bogus;`],
    ["one on the next line", `create user u1 password\n  '${secret}' bogus;`],
    ["one in dollars", `create user u1 password $$${secret}$$ bogus;`],
    ["one that is out of place", `alter role postgres set password '${secret}';`],
    ["one in a string", `do $$ begin execute 'create user u password ''${secret}'' b'; end $$;`],
    ["one in a block", `do $$ begin create user u password '${secret}' valid until 'x'; end $$;`],
    ["a subscription", `create subscription s connection 'password=${secret}' publication p x;`],
    [
      "a user mapping",
      "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw;\n" +
        `create user mapping for user server s options (password '${secret}', x 'y');`,
    ],
    ["a notice", `do $$ begin raise notice 'alter user u password ''${secret}'''; end $$; x`],
  ];

  test.each(cases)("%s", async (_title, sql) => {
    await using t = await trial(await server(17), { "1_a.sql": pair(sql) });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("Error: ");
    expect(up.stdout + up.stderr).not.toContain(secret);
  });
});
