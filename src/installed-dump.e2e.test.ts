/** An installed pg_dump in place of the one inside: the same file, clear words where it fails. */
import { expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { testWithOracle } from "./testing/oracles.ts";
import { server } from "./testing/servers.ts";
import { pair, trial } from "./testing/trial.ts";

const sql = `create table a (id int, b bytea default '\\x00ff', at timestamptz default 'epoch');
  create function f() returns text language sql as $$ select 'x \\restrict'   $$;`;

testWithOracle("pg_dump", "its file is the one that the pg_dump inside writes", async (program) => {
  await using at = await trial(await server(15), { "1_a.sql": pair(sql) });
  await at.query(`alter database ${at.database.name} set timezone = 'Asia/Tokyo'`);
  await at.query(`alter database ${at.database.name} set bytea_output = 'escape'`);
  const up = await at.pgmate(["up", "--pg-dump", program], { DBMATE_NO_DUMP_SCHEMA: "false" });
  expect([up.status, up.stdout]).toEqual([0, expect.stringContaining("Writing: ./db/schema.sql")]);
  const inside = await at.pgmate(["dump", "--check"], { PATH: "/nonexistent" });
  expect([inside.status, inside.stdout]).toEqual([0, ""]);
  const named = await at.pgmate(["dump", "--check"], { PGMATE_PG_DUMP: "pg_dump" });
  expect(named.status).toBe(0);
});

testWithOracle("pg_dump", "its password stands in no command line", async (program) => {
  const it = await server(15);
  await using at = await trial(it, { "1_a.sql": pair("create table a (id int);") });
  const seen = join(at.project.folder, "seen");
  const script = join(at.project.folder, "wrapped");
  await at.project.write({
    wrapped: `#!/bin/sh\nprintf '%s\\n' "$@" >${seen}\nps axww >>${seen} 2>/dev/null\n` +
      `exec ${program} "$@"\n`,
  });
  await chmod(script, 0o755);
  // Nobody else's: dbmate, in another test, hands the server's own to pg_dump as an argument.
  const password = "of one test: ü/@?%";
  await at.query(`create role dumper superuser login password '${password}'`);
  const login = `dumper:${encodeURIComponent(password)}`;
  const DATABASE_URL = `postgres://${login}@${it.host}:${it.port}/${at.database.name}`;
  const args = ["dump", "--pg-dump", script, "--", "--no-comments"];
  const ran = await at.pgmate(args, { DATABASE_URL });
  expect([ran.status, ran.stdout]).toEqual([0, "Writing: ./db/schema.sql\n"]);
  const said = readFileSync(seen, "utf8");
  expect(said).toContain("--schema-only\n");
  expect(said).toContain("--no-comments\n");
  expect(said).not.toContain(password);
  expect(said).not.toContain(encodeURIComponent(password));
});

testWithOracle("pg_dump", "one that is older than the server, or none at all", async (program) => {
  await using at = await trial(await server(18), { "1_a.sql": pair("create table a (id int);") });
  const env = { DBMATE_NO_DUMP_SCHEMA: "false", PGMATE_PG_DUMP: "/nowhere/pg_dump" };
  const up = await at.pgmate(["up"], env);
  expect(up.status).toBe(0);
  expect(up.stderr).toContain("schema.sql was not written: there is no file /nowhere/pg_dump");
  const dump = await at.pgmate(["dump"], env);
  expect(dump.status).toBe(2);
  await at.pgmate(["create"], { DATABASE_URL: "pglite:data" });
  const embedded = await at.pgmate(["dump", "--pg-dump", program], {
    DATABASE_URL: "pglite:data",
  });
  expect(embedded.stderr).toContain("an installed pg_dump cannot reach the embedded Postgres");
  const major = Number(/\d+/.exec(Bun.spawnSync([program, "--version"]).stdout.toString())?.[0]);
  if (major >= 18) return;
  const older = await at.pgmate(["dump", "--pg-dump", program]);
  expect(older.status).toBe(2);
  expect(older.stderr).toMatch(/pg_dump is of version \d+.* and does not dump a server of version/);
});

testWithOracle("pg_dump", "no option leads it to another file or database", async (program) => {
  const it = await server(15);
  await using at = await trial(it, { "1_a.sql": pair("create table a (id int);") });
  const other = await it.freshDatabase();
  await other.query("create table elsewhere (id int)");
  await at.pgmate(["up"]);
  const wanted = await at.pgmate(["dump", "--stdout"]);
  const run = (...options: readonly string[]) =>
    at.pgmate(["dump", "--stdout", "--pg-dump", program, "--", ...options]);
  for (const option of [`--dbn=${other.name}`, "--fil=taken.sql", `-xd${other.name}`]) {
    const ran = await run(option);
    expect([option, ran.status, ran.stdout]).toEqual([option, 0, wanted.stdout]);
  }
  expect((await run(other.name)).status).toBe(2);
  expect(existsSync(join(at.project.folder, "taken.sql"))).toBe(false);
});

testWithOracle("pg_dump", "the versions are of the moment of the dump", async (program) => {
  await using at = await trial(await server(15), { "1_a.sql": pair("create table a (id int);") });
  await at.pgmate(["up"]);
  const script = join(at.project.folder, "slow");
  await at.project.write({ slow: `#!/bin/sh\n${program} "$@"\nsleep 1\n` });
  await chmod(script, 0o755);
  const dumping = at.start(["dump", "--stdout", "--pg-dump", script]);
  await Bun.sleep(600);
  await at.migrations({ "2_b.sql": pair("create table b (id int);") });
  expect((await at.pgmate(["up"])).status).toBe(0);
  const { stdout } = await dumping.result;
  expect(stdout).toEndWith("VALUES\n    ('1');\n");
  expect(stdout).not.toContain("public.b");
});

testWithOracle("pg_dump", "a program that is no pg_dump leaves the file as it was", async () => {
  await using at = await trial(await server(15), { "1_a.sql": pair("create table a (id int);") });
  await at.pgmate(["up"], { DBMATE_NO_DUMP_SCHEMA: "false" });
  const path = join(at.project.folder, "db/schema.sql");
  const before = readFileSync(path, "utf8");
  await at.query("create table b (id int)");
  for (const program of ["/bin/true", "/bin/echo", "/bin/ls"]) {
    const ran = await at.pgmate(["dump", "--pg-dump", program]);
    expect([program, ran.status, readFileSync(path, "utf8")]).toEqual([program, 2, before]);
  }
});
