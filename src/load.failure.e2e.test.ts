/** `load` where it goes wrong: what is told, what is kept, what is refused beforehand. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { testWithOracle } from "./testing/oracles.ts";
import { edgeVersions, server, startServer } from "./testing/servers.ts";
import { asleep } from "./testing/stopping.ts";
import { type Trial, trial } from "./testing/trial.ts";

async function load(t: Trial, text: string | Uint8Array, ...args: readonly string[]) {
  await t.project.write({ "db/schema.sql": text });
  return t.pgmate(["load", ...args]);
}

async function count(t: Trial, relation: string): Promise<number> {
  return (await t.query("select from pg_class where relname = $1", [relation])).length;
}

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("an error has its line, the server's words, the state and what to do", async () => {
    await using t = await trial(await server(version));
    const text =
      "SET statement_timeout = 0;\r\n\r\ncreate table a (i int);\r\n  select upper(1);\r\n";
    const failed = await load(t, text);
    expect(failed.stdout).toBe("Reading: ./db/schema.sql\n");
    expect(failed.stderr.split("\n").slice(1)).toEqual([
      "Error: ./db/schema.sql:4:10: function upper(integer) does not exist (SQLSTATE 42883)",
      "",
      "  4 |   select upper(1);",
      "    |          ^",
      "",
      "Hint: No function matches the given name and argument types. You might need to add " +
        "explicit type casts.",
      "State: nothing was loaded",
      "Next: correct the file, then run `pgmate load` again",
      "",
    ]);
    expect(failed.status).toBe(2);
    expect(await count(t, "a")).toBe(0);
  });

  test("one of COPY data has the line in the file", async () => {
    await using t = await trial(await server(version));
    const data = "create table a (i int, t text);\ncopy a from stdin; -- c\n1\tx\n2\n3\ty\n\\.\n";
    const failed = await load(t, data);
    expect(failed.stderr).toContain("./db/schema.sql:4:1: missing data for column \"t\"");
    expect(failed.stderr).toContain("State: nothing was loaded\n");
    expect(await count(t, "a")).toBe(0);
  });

  test("what cannot be in a transaction is told before, and what stays is counted", async () => {
    await using t = await trial(await server(version));
    const text = "create table a (i int);\ncreate index concurrently b on a (i);\n" +
      "begin;\ncreate table c ();\ncopy a from stdin;\n1\n\\.\nselect 1/0;\ncommit;\nselect 1;\n";
    const failed = await load(t, text);
    expect(failed.stderr.split("\n").slice(1, 3)).toEqual([
      "Warning: ./db/schema.sql:2: CREATE INDEX CONCURRENTLY cannot run inside a transaction, so " +
        "the file is loaded statement by statement: if one fails, those before it stay",
      "Error: ./db/schema.sql:8:1: division by zero (SQLSTATE 22012)",
    ]);
    expect(failed.stderr).toContain("State: 2 of the file's 4 statements ran and stay (they are");
    expect(failed.stderr).toContain("`pgmate drop` and `pgmate create`");
    expect([await count(t, "b"), await count(t, "c")]).toEqual([1, 0]);
    expect(await t.query("select from a")).toHaveLength(0);
    await t.query("drop table a");
    expect((await load(t, text.replace("1/0", "1"))).status).toBe(0);
    expect(await t.query("select from a where i = 1")).toHaveLength(1);
  });

  test("a group of many messages is still one", async () => {
    await using t = await trial(await server(version));
    const insert = `insert into a values ('${"x".repeat(1_000)}');\n`;
    const text = `vacuum;\ncreate table a (t text);\nbegin;\n${insert.repeat(9_000)}`;
    const failed = await load(t, `${text}  select nope;\ncommit;\n`);
    expect(failed.stderr).toContain("schema.sql:9004:10: column \"nope\" does not exist");
    expect(failed.stderr).toContain("State: 2 of the file's 3 statements ran and stay");
    expect(await t.query("select from a")).toHaveLength(0);
    expect((await load(t, `drop table a;\n${text}commit;`, "--force")).status).toBe(0);
    expect(await t.query("select from a")).toHaveLength(9_000);
  });

  test("a wrapper is the load's transaction", async () => {
    await using t = await trial(await server(version));
    const failed = await load(t, "begin;\ncreate table a ();\nselect nope;\ncommit;\n");
    expect(failed.stderr).toContain("State: nothing was loaded\n");
    expect(failed.stderr).not.toContain("Warning");
    const loaded = await load(t, "begin;\ncreate table a ();\ncommit;\n-- the end");
    expect(loaded.stderr).toMatch(/^Target: .*\nLoaded: .*\n$/);
    expect(await count(t, "a")).toBe(1);
  });

  test("a constraint that does not hold at the end is the file's fault", async () => {
    await using t = await trial(await server(version));
    const failed = await load(t, "create table a (i int unique);\ncreate table b (i int " +
      "references a (i) deferrable initially deferred);\ninsert into b values (1);");
    expect(failed.stderr).toContain("what ./db/schema.sql left to be checked at its end");
    expect(failed.stderr).toContain("State: nothing was loaded\n");
    expect(await count(t, "b")).toBe(0);
  });

  test("strings are read as the file's own settings say", async () => {
    await using t = await trial(await server(version));
    await t.query(`alter database "${t.database.name}" set standard_conforming_strings = off`);
    const sql = "create table a as select 'x\\\\y'::text as t;";
    expect((await load(t, `SET standard_conforming_strings = on;\n${sql}`)).status).toBe(0);
    expect((await t.query("select t from a"))[0]?.["t"]).toBe("x\\\\y");
    const off = `SET standard_conforming_strings = off;\nSET escape_string_warning = off;\n${sql}`;
    expect((await load(t, off.replace(" a ", " b "), "--force")).status).toBe(0);
    expect((await t.query("select t from b"))[0]?.["t"]).toBe("x\\y");
  });
});

describe("the file", () => {
  test.each([
    ["empty", ""],
    ["with comments only", "\ufeff-- c\r\n/* d */\r\n;;\r\n"],
    ["with what psql alone reads", "\\restrict a\n\\unrestrict a\n"],
  ])("%s is loaded into any database", async (_title, text) => {
    await using t = await trial(await server(17));
    await t.query("create table a ()");
    expect(await load(t, text)).toMatchObject({ status: 0, stdout: "Reading: ./db/schema.sql\n" });
  });

  test("is named, and what to do where there is none", async () => {
    await using t = await trial(await server(17));
    const none = await t.pgmate(["load", "--schema-file", "x.sql"]);
    expect(none).toMatchObject({ status: 2, stdout: "" });
    expect(none.stderr).toStartWith("Error: x.sql does not exist\nNext: pgmate dump");
    expect(none.stderr).toContain("--schema-file");
    await mkdir(join(t.project.folder, "x.sql"));
    const folder = await t.pgmate(["load", "-s", "x.sql"]);
    expect(folder.stderr).toStartWith("Error: x.sql is a folder, not a file\nNext: name a file");
    const word = await t.pgmate(["load", "x.sql"]);
    expect(word.stderr).toContain("pgmate load --schema-file x.sql");
  });

  testWithOracle("pg_dump", "in pg_dump's custom format is called that", async (program) => {
    await using t = await trial(await server(15));
    const archive = Bun.spawnSync([program, "-Fc", "--dbname", t.database.url]).stdout;
    await t.project.write({ "db/schema.sql": archive });
    const refused = await t.pgmate(["load"]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("db/schema.sql is in pg_dump's custom format, not SQL");
    expect(refused.stderr).toContain("pg_restore --file=schema.sql ./db/schema.sql");
  });

  test("is refused before the server is asked anything", async () => {
    await using t = await trial(await server(17));
    const good = "create table a ();\n";
    const bad = [`${good}\\connect x\n`, `${good}select 'x`, "\0", "\\! ls"];
    for (const text of bad) {
      await t.project.write({ "db/schema.sql": text });
      const refused = await t.pgmate(["load"], { DATABASE_URL: "postgres://u@127.0.0.1:1/x" });
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/^Error: \.\/db\/schema\.sql:\d+:\d+: /);
      expect(refused.stderr).toContain("State: nothing was loaded, and nothing was changed\n");
    }
  });

  test("changed meanwhile is given up, and nothing of it is kept", async () => {
    await using t = await trial(await server(17));
    const wide = `-- ${"x".repeat(1_000)}\ninsert into a values (1);\n`;
    await t.project.write({
      "db/schema.sql": `create table a (i int);\nselect pg_sleep(6);\n${wide.repeat(9_000)}`,
    });
    const program = t.start(["load"]);
    await asleep(t);
    await t.project.write({ "db/schema.sql": "select 1;" });
    const ended = await program.result;
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("schema.sql was changed while");
    expect(ended.stderr).toContain("State: nothing was loaded\n");
    expect(await count(t, "a")).toBe(0);
  });
});

test("a database that is not there is to be created", async () => {
  await using t = await trial(await server(17));
  await t.project.write({ "db/schema.sql": "select 1;" });
  const url = t.server.url("not_there");
  const failed = await t.pgmate(["load"], { DATABASE_URL: url });
  expect(failed).toMatchObject({ status: 2, stdout: "Reading: ./db/schema.sql\n" });
  expect(failed.stderr).toContain("pgmate create");
});

test("one load at a time, and after another run's", async () => {
  await using t = await trial(await server(17));
  await t.project.write({ "db/schema.sql": "create table a (); select pg_sleep(5);" });
  const first = t.start(["load"]);
  await asleep(t);
  const second = await t.pgmate(["load"]);
  expect((await first.result).status).toBe(0);
  expect(second.stderr).toContain("Waiting for another run to end: pgmate");
  expect(second.stderr).toContain("is not empty: it holds table public.a\n");
});

test("--lock-timeout holds whatever pg_dump wrote", async () => {
  await using t = await trial(await server(17));
  await t.query("create table a (i int)");
  const holder = t.query("begin; lock a; select pg_sleep(9); commit");
  await asleep(t);
  const began = performance.now();
  const sql = "SET lock_timeout = 0;\nalter table a add j int;";
  const failed = await load(t, sql, "--force", "--lock-timeout", "300ms");
  expect(failed.stderr).toContain("lock timeout");
  expect(failed.stderr).toContain("--lock-timeout 30s");
  expect(performance.now() - began).toBeLessThan(8_000);
  await holder;
  expect((await load(t, sql, "--force")).status).toBe(0);
});

describe("stopped", () => {
  const slow = "create table a (i int);\nselect pg_sleep(60);\n";
  test.each([
    ["SIGINT", 130, slow, "nothing was loaded"],
    ["SIGTERM", 143, `vacuum;\n${slow}`, "2 of the file's 3 statements ran and stay"],
    ["SIGINT", 130, `${slow.split("\n")[0]}\ncreate function f() returns trigger language plpgsql as
      'begin perform pg_sleep(60); return new; end'; create trigger t before insert on a
      for each row execute function f(); copy a from stdin;\n1\n\\.\n`, "nothing was loaded"],
  ] as const)("by %s it exits with %d, and says what is left of %p", async (...given) => {
    const [signal, status, text, state] = given;
    await using t = await trial(await server(17));
    await t.project.write({ "db/schema.sql": text });
    const program = t.start(["load"]);
    await asleep(t);
    program.signal(signal);
    const ended = await program.result;
    expect(ended.status).toBe(status);
    expect(ended.stderr).toContain(`State: ${state}`);
    expect(await count(t, "a")).toBe(text.startsWith("vacuum") ? 1 : 0);
    expect(await t.query("select from pg_locks where locktype = 'advisory'")).toHaveLength(0);
  });

  test.each([
    ["in a transaction", "select 1;", "State: nothing was loaded\n"],
    ["in statements", "vacuum;", "State: 2 of the file's 4 statements ran and stay; whether"],
  ])("by a server that goes away %s", async (_title, first, state) => {
    const own = await startServer({ version: 17 });
    await using t = await trial(own);
    await t.project.write({ "db/schema.sql": `${first}\n${slow}create table b ();` });
    const program = t.start(["load"]);
    await asleep(t);
    await own.stop();
    const ended = await program.result;
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("the connection to the server was lost");
    expect(ended.stderr).toContain(state);
  });
});

/** A short run takes about 50. */
const boundMb = 250;

test("memory stays bounded with 200 MB of COPY data and 40 MB of INSERTs", async () => {
  await using t = await trial(await server(17));
  const path = join(t.project.folder, "db/schema.sql");
  const file = await open(path, "w");
  await file.write("create table a (i int, t text);\nCOPY a FROM stdin;\n");
  const block = `1\t${"v".repeat(97)}\n`.repeat(20_000);
  for (let i = 0; i < 100; i += 1) await file.write(block);
  await file.write("\\.\nbegin;\n");
  await file.write(`insert into a values (2, '${"ü".repeat(230)}');\n`.repeat(80_000));
  await file.write("commit;\nvacuum a;\n");
  await file.close();
  const program = t.start(["load"]);
  let peakKb = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${program.pid}/status`, "utf8");
      peakKb = Math.max(peakKb, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }, 10);
  const ended = await program.result;
  clearInterval(timer);
  expect(ended.stderr).not.toContain("Error");
  expect(ended.status).toBe(0);
  expect(peakKb / 1024).toBeLessThan(boundMb);
  const rows = await t.query("select i, count(*)::int as n from a group by i order by i");
  expect(rows.map((row) => [row["i"], row["n"]])).toEqual([[1, 2_000_000], [2, 80_000]]);
}, 120_000);
