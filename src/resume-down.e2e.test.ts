/** A rollback that stopped half way: up names it, rollback goes on with it. */
import { expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

async function log(t: Trial): Promise<string> {
  const [row] = await t.query("select string_agg(n::text, ' ' order by n) as log from log");
  return String(row?.["log"]);
}

test.each(edgeVersions)("on PostgreSQL %d", async (version) => {
  const down = (last: string): string =>
    `set app.x = 'y';\ninsert into log values (1);\n${last}\ninsert into log values (3);`;
  await using t = await trial(await server(version), {
    "1_a.sql": pair("create table log (n int);"),
    "2_b.sql": units("create index concurrently x on log (n);", down("drop index concurrently y;")),
    "3_c.sql": pair("create table c ();", "drop table c;"),
  });
  expect((await t.pgmate(["up", "--to", "2"])).status).toBe(0);
  const failed = await t.pgmate(["rollback"]);
  expect(failed.stderr).toContain("2_b.sql is not recorded as rolled back: 2 of its 4 statements");
  expect(failed.status).toBe(2);
  expect(await t.applied()).toEqual(["1", "2"]);
  for (const args of [["up"], ["migrate"], ["redo"], ["goto", "1"], ["up", "--to", "1"]]) {
    const other = await t.pgmate(args);
    expect(other.stderr).toContain("2_b.sql is half rolled back");
    expect(other.stderr).toContain("`pgmate rollback` goes on where it stopped");
    expect(other.stderr).toContain("`pgmate force --only 2 --applied`");
    expect(other.stdout).not.toContain("Applying");
    expect(other.status).toBe(2);
  }
  const status = await t.pgmate(["status"]);
  expect(status.stdout).toContain("[X] 2_b.sql");
  expect(status.stdout).toContain("rolled back in part");
  expect(status.stdout).toContain("statement 3 of 4 (DROP INDEX CONCURRENTLY) failed");
  expect(status.stdout).toContain("`pgmate rollback` goes on there");
  expect((await t.pgmate(["status", "--exit-code"])).status).toBe(1);
  const json = JSON.parse((await t.pgmate(["status", "--json"])).stdout);
  const entry = json.migrations.find((one: { version: string }) => one.version === "2");
  expect(entry.dirty).toMatchObject({ direction: "down" });
  expect(JSON.stringify(entry.dirty)).toContain("does not exist");
  const fixed = down(
    "do $$ begin assert current_setting('app.x') = 'y'; end $$; drop index concurrently x;",
  );
  await t.migrations({ "2_b.sql": units("create index concurrently x on log (n);", fixed) });
  const rollback = await t.pgmate(["rollback"]);
  expect(rollback.stderr).toContain("Resuming: 2_b.sql at statement 3 of 5");
  expect(rollback.stderr).not.toContain("Error");
  expect(rollback.status).toBe(0);
  expect(await log(t)).toBe("1 3");
  expect(await t.applied()).toEqual(["1"]);
  expect(await t.query("select * from schema_migrations_progress")).toHaveLength(0);
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1", "2", "3"]);
});

test("a redo whose up stopped is finished by up", async () => {
  const up = (last: string): string => `insert into log values (1);\n${last}`;
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create table log (n int);"), "2_b.sql": units(up("select 1;"), "select 1;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "2_b.sql": units(up("select nope;"), "select 1;") });
  const redo = await t.pgmate(["redo"]);
  expect(redo.status).toBe(2);
  expect(redo.stderr).toContain("1 of its 2 statements ran and stay");
  expect(redo.stderr).toContain("run `pgmate up --to=2`");
  await t.migrations({ "2_b.sql": units(up("select 2;"), "select 1;") });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await log(t)).toBe("1 1");
  expect(await t.applied()).toEqual(["1", "2"]);
});
