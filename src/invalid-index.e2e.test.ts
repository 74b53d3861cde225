/** Invalid indexes and half detached partitions: what is not ours is named, and nothing is lost. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, type ServerVersion, server } from "./testing/servers.ts";
import { asleep } from "./testing/stopping.ts";
import { pair, type Trial, trial, units, untilSession } from "./testing/trial.ts";

const setUp = `
  create schema "Odd";
  create table a (i int);
  create table "Odd"."T" (i int, t text);
  insert into a values (1), (1);
  insert into "Odd"."T" values (1), (1);
  create table p (i int) partition by range (i);
  create table p1 partition of p for values from (1) to (10);
  create table p2 partition of p for values from (10) to (20);
`;

async function prepared(version: ServerVersion, sql: string): Promise<Trial> {
  const t = await trial(await server(version), { "1_a.sql": pair(setUp) });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "2_b.sql": units(sql), "3_c.sql": pair("create table c ();") });
  return t;
}

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(", ");
}

const indexes =
  "select indexrelid::regclass::text || ' ' || indisvalid from pg_index " +
  "where indrelid in ('a'::regclass, '\"Odd\".\"T\"'::regclass) order by 1";

/** A session that does this, one statement after the other, and fails as it is to. */
async function fails(t: Trial, sql: string): Promise<void> {
  await expect(t.query(sql)).rejects.toThrow();
}

type Case = readonly [
  title: string,
  /** What somebody's session does before, which fails and leaves something. */
  theirs: string,
  sql: string,
  said: string,
  commands: readonly string[],
];

const theirX = "create unique index concurrently x on a (i)";
const theirOdd = "create unique index concurrently \"X y\" on \"Odd\".\"T\" (i)";

const cases: readonly Case[] = [
  ["of the same name", theirX, "create index concurrently x on a (i);",
    "the index public.x on public.a is INVALID",
    ["`drop index concurrently public.x;`", "`reindex index concurrently public.x;`"]],
  ["under IF NOT EXISTS", theirX, "create unique index concurrently if not exists X on only a (i);",
    "the index public.x on public.a is INVALID",
    ["`drop index concurrently public.x;`", "`reindex index concurrently public.x;`"]],
  ["with odd names", theirOdd,
    "set search_path = \"Odd\"; create index concurrently if not exists \"X y\" on \"T\" (i);",
    "the index \"Odd\".\"X y\" on \"Odd\".\"T\" is INVALID",
    ["`drop index concurrently \"Odd\".\"X y\";`"]],
  ["by escapes of letters", theirOdd,
    "create index concurrently if not exists U&\"\\0058 y\" on \"Odd\".U&\"\\0054\" (i);",
    "the index \"Odd\".\"X y\" on \"Odd\".\"T\" is INVALID",
    ["`drop index concurrently \"Odd\".\"X y\";`"]],
  ["of another table of the schema", theirX, "create index concurrently x on p1 (i);",
    "the index public.x on public.a is INVALID", ["`drop index concurrently public.x;`"]],
];

describe.each([15, 18] as const)("an invalid index that is not ours, on %d", (version) => {
  test.each(cases)("%s", async (_, theirs, sql, said, commands) => {
    await using t = await prepared(version, sql);
    await fails(t, theirs);
    const before = await column(t, indexes);
    expect(before).toContain("false");
    for (const _again of [1, 2]) {
      const up = await t.pgmate(["up"]);
      expect(up.stderr).toContain(said);
      for (const command of commands) expect(up.stderr).toContain(command);
      expect(up.stderr).toMatch(/2_b\.sql:2:\d+: /);
      expect(up.stderr).toContain("2_b.sql is not recorded as applied");
      expect(up.status).toBe(2);
      expect(await column(t, indexes)).toBe(before);
    }
    expect(await t.applied()).toEqual(["1"]);
    // The command that it names is one that helps.
    await t.query(/`(drop index .*?);`/.exec(commands[0] ?? "")?.[1] ?? "");
    await t.query("delete from a; delete from \"Odd\".\"T\"");
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(await column(t, "select count(*) from pg_index where not indisvalid")).toBe("0");
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });
});

const passingOver: readonly (readonly [title: string, files: (sql: string) => string])[] = [
  ["a file in a transaction", pair],
  ["a statement under transaction:false", (sql) => units(`create table one ();\n${sql}`)],
  ["a group of its own", (sql) => units(`begin;\ncreate table one ();\n${sql};\ncommit;`)],
  ["a section beside another", (sql) => `${pair(sql)}\n${units("select 1;")}`],
];

describe.each(edgeVersions)("IF NOT EXISTS over an invalid index, on %d", (version) => {
  const sql = "Create Unique INDEX /* here */ if not exists \"X y\" on only \"Odd\".\"T\" (i)";
  test.each(passingOver)("%s", async (_, file) => {
    await using t = await prepared(version, "");
    await fails(t, theirOdd);
    await t.migrations({ "2_b.sql": file(sql) });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("the index \"Odd\".\"X y\" on \"Odd\".\"T\" is INVALID");
    const line = file(sql).slice(0, file(sql).indexOf("Create")).split("\n").length;
    expect(up.stderr).toContain(`2_b.sql:${line}:1: `);
    expect(up.stderr).toMatch(/nothing of 2_b\.sql was kept|is not recorded as applied/);
    expect(up.stderr).toContain("`drop index concurrently \"Odd\".\"X y\";`");
    expect(up.stderr).not.toMatch(/lock_timeout|integer|pgmate: invalid/);
    expect(up.status).toBe(2);
    expect(await t.applied()).toEqual(["1"]);
    await t.query("drop index concurrently \"Odd\".\"X y\"");
    await t.query("delete from \"Odd\".\"T\"");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, indexes)).toBe("\"Odd\".\"X y\" true");
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });
});

test("IF NOT EXISTS passes over what is valid, or a parent's, or part of one", async () => {
  const again = `
    create index if not exists x on a (i);
    create index if not exists px on only p (i);
    create index if not exists p1_i_idx on p1 (i);
    create index if not exists x on p2 (i)`;
  await using t = await prepared(17, "");
  await t.query("create index x on a (i); create index px on only p (i)");
  await t.query("create index p1_i_idx on p1 (i); alter index px attach partition p1_i_idx");
  await t.query("create schema f; create function f.eq(name, name) returns boolean " +
    "language sql as 'select true'");
  await t.query("create operator f.= (leftarg = name, rightarg = name, function = f.eq)");
  const sql = `set search_path = f, pg_catalog, public;${again}`;
  await t.migrations({ "2_b.sql": pair(sql) });
  const up = await t.pgmate(["up"]);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
  expect(await t.applied()).toEqual(["1", "2", "3"]);
});

test("leftovers of somebody's REINDEX stop ours, those of other tables do not", async () => {
  await using t = await prepared(17, "reindex table concurrently a;");
  await t.query("create index x on a (i); create index y on p1 (i)");
  const writer = t.query("begin; insert into a values (7); select pg_sleep(6); commit");
  await asleep(t);
  await t.query("alter database " + t.database.name + " set statement_timeout = '700ms'");
  await fails(t, "reindex index concurrently x");
  await t.query("alter database " + t.database.name + " reset statement_timeout");
  await writer;
  expect(await column(t, indexes)).toContain("x_ccnew false");
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain("the index public.x_ccnew on public.a is INVALID");
  expect(up.stderr).toContain("`drop index concurrently public.x_ccnew;`");
  expect(up.status).toBe(2);
  await t.migrations({ "2_b.sql": units("reindex table concurrently p1;") });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await column(t, indexes)).toContain("x_ccnew false");
});

test("a half detached partition that is not ours stops a detach", async () => {
  await using t = await prepared(17, "alter table p detach partition p2 concurrently;");
  const reader = t.query("begin; select * from p; select pg_sleep(6); commit");
  await asleep(t);
  await t.query("alter database " + t.database.name + " set statement_timeout = '700ms'");
  await fails(t, "alter table p detach partition p1 concurrently");
  await t.query("alter database " + t.database.name + " reset statement_timeout");
  await reader;
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain("the partition public.p1 of public.p is half detached");
  expect(up.stderr).toContain("`alter table public.p detach partition public.p1 finalize;`");
  expect(up.status).toBe(2);
  await t.query("alter table p detach partition p1 finalize");
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await column(t, "select inhrelid::regclass::text from pg_inherits")).toBe("");
});

test("a partitioned parent's invalid index and its attached children stay", async () => {
  const build = `create unique index px on only p (i);
    create unique index concurrently p1x on p1 (i);
    alter index px attach partition p1x;
    create unique index concurrently p2x on p2 (i);`;
  await using t = await prepared(17, build);
  await t.query("insert into p values (11), (11)");
  const failed = await t.pgmate(["up"]);
  expect(failed.stderr).toContain("the index public.p2x is left INVALID");
  const all = "select indexrelid::regclass::text || ' ' || indisvalid from pg_index " +
    "where indrelid in ('p'::regclass, 'p1'::regclass, 'p2'::regclass) order by 1";
  expect(await column(t, all)).toBe("p1x true, p2x false, px false");
  const again = await t.pgmate(["up"]);
  expect(again.stderr).toContain("Dropped: the invalid index public.p2x");
  expect(await column(t, all)).toBe("p1x true, p2x false, px false");
  await t.query("delete from p where ctid = (select min(ctid) from p2)");
  await t.migrations({ "2_b.sql": units(`${build} alter index px attach partition p2x;`) });
  const up = await t.pgmate(["up"]);
  expect(up.stderr).not.toContain("Error");
  expect(await column(t, all)).toBe("p1x true, p2x true, px true");
});

describe("somebody who builds an index of the same name at that moment", () => {
  async function oursFailed(sql: string): Promise<Trial> {
    const t = await prepared(17, sql);
    expect((await t.pgmate(["up"])).stderr).toContain("is left INVALID");
    return t;
  }

  test("loses nothing, and what is built counts when it is done", async () => {
    await using t = await oursFailed("create unique index concurrently x on a (i);");
    await t.query("drop index x");
    await t.query("delete from a where ctid = (select min(ctid) from a)");
    const writer = t.query("begin; insert into a values (7); select pg_sleep(5); commit");
    await asleep(t);
    const theirs = t.query("create unique index concurrently x on a (i)");
    await untilSession(t, "query like 'create unique%' and wait_event = 'virtualxid'");
    const oid = "select 'x'::regclass::oid";
    const before = await column(t, oid);
    const up = await t.pgmate(["up", "--lock-timeout", "300ms"]);
    await Promise.all([writer, theirs]);
    expect(up.stderr).not.toContain("Dropped");
    expect(await column(t, oid)).toBe(before);
    expect(await column(t, indexes)).toBe("x true");
    const after = await t.pgmate(["up"]);
    expect(after.stderr).not.toContain("Error");
    expect(await column(t, oid)).toBe(before);
  });

  test("is not waited for without end", async () => {
    await using t = await oursFailed("create unique index concurrently x on a (i);");
    await t.query("drop index x");
    await t.query("delete from a where ctid = (select min(ctid) from a)");
    const writer = t.query("begin; insert into a values (7); select pg_sleep(8); commit");
    await asleep(t);
    const theirs = t.query("create unique index concurrently x on a (i)");
    await untilSession(t, "query like 'create unique%' and wait_event = 'virtualxid'");
    const up = await t.pgmate(["up", "--lock-timeout", "100ms", "--lock-retries", "2"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("a is locked, so its invalid index public.x");
    expect(up.stderr).toMatch(/2_b\.sql:2:1: /);
    expect(up.stderr).toContain("2_b.sql is not recorded as applied");
    await Promise.all([writer, theirs]);
    expect(await column(t, indexes)).toBe("x true");
  });

  test("under IF NOT EXISTS is not taken for done", async () => {
    await using t = await prepared(17, "create index concurrently if not exists x on a (i);");
    const writer = t.query("begin; insert into a values (7); select pg_sleep(6); commit");
    await asleep(t);
    const theirs = t.query("create index concurrently x on a (i)");
    await untilSession(t, "query like 'create index%' and wait_event = 'virtualxid'");
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("the index public.x on public.a is INVALID");
    expect(up.stderr).toContain("if nobody is building it now");
    expect(up.status).toBe(2);
    await Promise.all([writer, theirs]);
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, indexes)).toBe("x true");
  });
});
