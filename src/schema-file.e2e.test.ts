/** The schema file that a run leaves: when it is written, what is in it, what its failure does. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

/** Nothing else is found on the PATH: no pg_dump, no psql. */
const alone = { DBMATE_NO_DUMP_SCHEMA: "false", PATH: "/nonexistent" };
const first = { "1_a.sql": pair("create table a (id int);", "drop table a;") };
const second = { "2_b.sql": pair("create table b (id int);", "drop table b;") };

/** Keeps a dump waiting for a while. */
const held = "begin; lock table a in access exclusive mode; select pg_sleep(4); commit";

function schemaFile(at: Trial): string {
  return readFileSync(join(at.project.folder, "db/schema.sql"), "utf8");
}

function versionsIn(text: string): readonly string[] {
  const block = text.slice(text.indexOf("-- Dbmate schema migrations"));
  return [...block.matchAll(/^ {4}\('([^']*)'\)/gm)].map(([, version = ""]) => version);
}

test("each run that changed something writes it, and says so as dbmate does", async () => {
  await using at = await trial(await server(18), first);
  const up = await at.pgmate(["up"], alone);
  expect(up.status).toBe(0);
  expect(up.stdout).toEndWith("\nWriting: ./db/schema.sql\n");
  expect(schemaFile(at)).toContain("CREATE TABLE public.a (\n    id integer\n);\n");
  expect(schemaFile(at)).toEndWith(
    "\n\n\n--\n-- Dbmate schema migrations\n--\n\n" +
      "INSERT INTO public.schema_migrations (version) VALUES\n    ('1');\n",
  );
  await at.migrations(second);
  for (const [args, versions] of [
    [["migrate"], ["1", "2"]],
    [["rollback"], ["1"]],
    [["goto", "2"], ["1", "2"]],
    [["rollback", "--all"], []],
  ] as const) {
    const ran = await at.pgmate(args, alone);
    expect(ran.status).toBe(0);
    expect(ran.stdout).toEndWith("\nWriting: ./db/schema.sql\n");
    expect(versionsIn(schemaFile(at))).toEqual(versions);
  }
  expect(schemaFile(at)).toEndWith("\n\n\n--\n-- Dbmate schema migrations\n--\n\n");
  expect(schemaFile(at)).not.toContain("public.a");
});

test("with nothing pending it is not looked at, and unchanged bytes stay untouched", async () => {
  await using at = await trial(await server(16), first);
  await at.pgmate(["up"], alone);
  const path = join(at.project.folder, "db/schema.sql");
  const before = statSync(path);
  const again = await at.pgmate(["up"], alone);
  expect([again.status, again.stdout]).toEqual([0, ""]);
  const redo = await at.pgmate(["redo", "--verbose"], alone);
  expect(redo.status).toBe(0);
  expect(redo.stdout).not.toContain("Writing:");
  expect(redo.stderr).toContain("Unchanged: ./db/schema.sql\n");
  const quietly = await at.pgmate(["redo"], alone);
  expect(quietly.stdout + quietly.stderr).not.toContain("schema.sql");
  const after = statSync(path);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test("--no-dump-schema, its variable and a dry run leave it alone", async () => {
  await using at = await trial(await server(15), { ...first, ...second });
  const runs = [
    await at.pgmate(["up", "--steps", "1", "--no-dump-schema"], alone),
    await at.pgmate(["up"], { ...alone, DBMATE_NO_DUMP_SCHEMA: "true" }),
    await at.pgmate(["rollback", "--dry-run"], alone),
  ];
  expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(runs.map(({ stdout }) => stdout).join("")).not.toContain("Writing:");
  expect(existsSync(join(at.project.folder, "db/schema.sql"))).toBe(false);
});

test("another file, in a folder that is not there yet", async () => {
  await using at = await trial(await server(17), first);
  const ran = await at.pgmate(["up", "--schema-file", "made/for it/x.sql"], alone);
  expect(ran.stdout).toEndWith("\nWriting: made/for it/x.sql\n");
  expect(existsSync(join(at.project.folder, "made/for it/x.sql"))).toBe(true);
});

test("a run that fails half way writes what did apply", async () => {
  await using at = await trial(await server(18), {
    ...first,
    "2_bad.sql": pair("create table b (id int); create table nonsense (id nonsense);"),
  });
  const ran = await at.pgmate(["up"], alone);
  expect(ran.status).toBe(2);
  expect(ran.stdout).toContain("Writing: ./db/schema.sql\n");
  expect(versionsIn(schemaFile(at))).toEqual(["1"]);
  expect(schemaFile(at)).not.toContain("public.b");
  const again = await at.pgmate(["up"], alone);
  expect(again.status).toBe(2);
  expect(again.stdout).not.toContain("Writing:");
});

test("what the first units of a failed transaction:false file did is in it too", async () => {
  await using at = await trial(await server(17), {
    "1_u.sql": units("create table u (id int);\ncreate table v (id nonsense);"),
  });
  const ran = await at.pgmate(["up"], alone);
  expect(ran.status).toBe(2);
  expect(schemaFile(at)).toContain("CREATE TABLE public.u");
  expect(versionsIn(schemaFile(at))).toEqual([]);
});

test("a file that cannot be written is a warning, and with --require-dump an error", async () => {
  await using at = await trial(await server(18), first);
  await mkdir(join(at.project.folder, "db/schema.sql"));
  const up = await at.pgmate(["up"], alone);
  expect(up.status).toBe(0);
  expect(up.stderr).toMatch(/Warning: the schema file was not written: .*folder.*\(.+\)/);
  const down = await at.pgmate(["rollback", "--require-dump"], alone);
  expect(down.status).toBe(2);
  expect(down.stderr).toContain("1_a.sql rolled back; of ./db/schema.sql: nothing was written");
  expect(await at.applied()).toEqual([]);
  const required = await at.pgmate(["up"], { ...alone, PGMATE_REQUIRE_DUMP: "true" });
  expect(required.status).toBe(2);
  expect(await at.applied()).toEqual(["1"]);
});

test("a role that may not read a table: the run counts, the dump is a warning", async () => {
  await using at = await trial(await server(16), first);
  const role = `dump_reader_${at.database.name}`;
  await at.query(`create role ${role} login password 'x'`);
  await at.query(`grant create on schema public to ${role}`);
  await at.query("create schema secret; create table secret.s (id int)");
  const url = at.database.url.replace(/\/\/[^@]*@/, `//${role}:x@`);
  const ran = await at.pgmate(["up"], { ...alone, DATABASE_URL: url });
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain("schema.sql was not written: pg_dump failed: query failed: ERROR:");
  expect(ran.stderr).toContain("pg_read_all_data");
  await at.query(`drop owned by ${role}; drop role ${role}`);
});

test("nothing that the last file left in the session shows in it", async () => {
  const files = {
    "1_a.sql": pair(`
      create table a (at timestamptz default '2024-01-01 12:00+00', b bytea default '\\xff');
      set timezone = 'Asia/Tokyo'; set bytea_output = 'escape'; set quote_all_identifiers = on;
      set search_path = nowhere; create role left_behind_role; set role left_behind_role;
      create temporary table t (id int);`),
  };
  await using at = await trial(await server(18), files);
  try {
    const ran = await at.pgmate(["up"], alone);
    expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining("Warning")]);
    expect(schemaFile(at)).toContain("DEFAULT '2024-01-01 12:00:00+00'");
    expect(schemaFile(at)).toContain("DEFAULT '\\xff'");
    const check = await at.pgmate(["dump", "--check"], alone);
    expect([check.status, check.stdout]).toEqual([0, ""]);
  } finally {
    await at.query("drop role if exists left_behind_role");
  }
});

test("options for every dump hold after a run, in dump and in its check", async () => {
  await using at = await trial(await server(18), {
    "1_a.sql": pair("create schema audit; create table audit.l (); create table a (i int);"),
  });
  await at.project.write({ "pgmate.toml": 'dump-option = ["--exclude-schema=audit"]\n' });
  await at.pgmate(["up"], alone);
  expect(schemaFile(at)).toContain("CREATE TABLE public.a");
  expect(schemaFile(at)).not.toContain("audit");
  expect((await at.pgmate(["dump", "--check"], alone)).status).toBe(0);
  await at.project.write({ "pgmate.toml": 'dump-option = ["--file=elsewhere"]\n' });
  await at.migrations(second);
  const refused = await at.pgmate(["up"], alone);
  expect(refused.status).toBe(2);
  expect(await at.applied()).toEqual(["1"]);
});

test("an unwritable folder is no hindrance where the file itself may be written", async () => {
  if (process.getuid?.() === 0) {
    process.stderr.write("SKIPPED in part, root may write everywhere: an unwritable folder\n");
  }
  await using at = await trial(await server(18), first);
  await at.pgmate(["up"], alone);
  const folder = join(at.project.folder, "db");
  await chmod(folder, 0o555);
  try {
    const down = await at.pgmate(["rollback"], alone);
    expect([down.status, down.stderr]).toEqual([0, expect.not.stringContaining("Warning")]);
    expect(versionsIn(schemaFile(at))).toEqual([]);
  } finally {
    await chmod(folder, 0o755);
  }
});

test("Ctrl-C while the file is made: the migrations stay, the old file too, exit 130", async () => {
  await using at = await trial(await server(17), first);
  await at.pgmate(["up"], alone);
  const before = schemaFile(at);
  await at.migrations(second);
  const holder = at.query(held);
  await Bun.sleep(300);
  const running = at.start(["up"], alone);
  while (!running.stdout().includes("Applied: 2_b.sql")) await Bun.sleep(20);
  await Bun.sleep(300);
  running.signal("SIGINT");
  const ran = await running.result;
  expect(ran.status).toBe(130);
  expect(ran.stderr).toContain("State: done before that: 2_b.sql applied; ./db/schema.sql is as");
  expect(await at.applied()).toEqual(["1", "2"]);
  expect(schemaFile(at)).toBe(before);
  const left = await at.query("select 1 from pg_stat_activity where application_name ~ '^pgmate'");
  expect(left).toEqual([]);
  await holder;
});

test("killed at any moment, the file is whole and the ledger true", async () => {
  await using at = await trial(await server(18), first);
  await at.pgmate(["up"], alone);
  const one = schemaFile(at);
  await at.migrations(second);
  await at.pgmate(["up"], alone);
  const two = schemaFile(at);
  for (let round = 0; round < 12; round += 1) {
    const command = round % 2 === 0 ? "rollback" : "up";
    const running = at.start([command], alone);
    const done = command === "up" ? "Applied:" : "Rolled back:";
    while (!running.stdout().includes(done)) await Bun.sleep(2);
    await Bun.sleep(round * 9);
    running.signal("SIGKILL");
    await running.result;
    expect([one, two]).toContain(schemaFile(at));
    expect(await at.applied()).toEqual(command === "up" ? ["1", "2"] : ["1"]);
  }
});

test("Ctrl-C in the dump of a run that failed leaves the run's own error", async () => {
  await using at = await trial(await server(18), first);
  await at.pgmate(["up"], alone);
  await at.migrations({ "2_u.sql": units("create table u (id int);\nselect nonsense;") });
  const holder = at.query(held);
  await Bun.sleep(300);
  const running = at.start(["up"], alone);
  while (!running.stdout().includes("Applying: 2_u.sql")) await Bun.sleep(10);
  await Bun.sleep(500);
  running.signal("SIGINT");
  const ran = await running.result;
  expect(ran.stderr).toContain("2_u.sql:3:8: column \"nonsense\" does not exist");
  expect(ran.stderr).toContain("1 of its 2 statements ran and stay");
  expect(ran.stderr).toContain("Warning: ./db/schema.sql was not written:");
  await holder;
});

test("a stop is heard at once, also just before the dump begins", async () => {
  await using at = await trial(await server(17), first);
  await at.pgmate(["up"], alone);
  await at.migrations(second);
  const holder = at.query(held);
  await Bun.sleep(300);
  const running = at.start(["up"], alone);
  while (!running.stdout().includes("Applied: 2_b.sql")) await Bun.sleep(1);
  running.signal("SIGTERM");
  const began = performance.now();
  const ran = await running.result;
  expect([ran.status, performance.now() - began < 2_000]).toEqual([143, true]);
  await holder;
});

test("a run that is stopped says that the file is as it was", async () => {
  await using at = await trial(await server(16), {
    ...first,
    "2_slow.sql": pair("select pg_sleep(20);"),
  });
  const running = at.start(["up", "-s", "s.sql"], alone);
  while (!running.stdout().includes("Applying: 2_slow.sql")) await Bun.sleep(10);
  await Bun.sleep(200);
  running.signal("SIGINT");
  const ran = await running.result;
  expect(ran.status).toBe(130);
  expect(ran.stderr).toContain("s.sql is as it was (`pgmate dump --schema-file=s.sql` writes it)");
});
