/** Half-run steps to which somebody else, or the file itself, has done something meanwhile. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units, untilSession } from "./testing/trial.ts";

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(", ");
}

const indexes = "select pg_get_indexdef(indexrelid) || ' ' || indisvalid from pg_index " +
  "where indrelid = 't'::regclass order by 1";

describe.each(edgeVersions)("an index that another builds meanwhile, on %d", (version) => {
  const setUp = pair("create table t (a int, gone int, b text);\nalter table t drop gone;");

  const ended = "query like '%concurrently%' and pid <> pg_backend_pid()";

  /** pgmate waits behind the other's build, and is killed there; then the other is done. */
  async function cutOff(t: Trial, theirs: string): Promise<void> {
    const other = t.query(`begin; ${theirs}; select pg_sleep(6) as theirs; commit`);
    await untilSession(t, "query like '%as theirs%' and wait_event = 'PgSleep'");
    const running = t.start(["up"]);
    await untilSession(t, "query like '%concurrently%' and wait_event_type = 'Lock'");
    running.signal("SIGKILL");
    await running.result;
    await t.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${ended}`);
    await other;
  }

  test("is not taken for the one that was cut off, with a name that the server chose", async () => {
    await using t = await trial(await server(version), { "1_t.sql": setUp });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.migrations({ "2_i.sql": units("create index concurrently on t (a);") });
    await cutOff(t, "create index on t (lower(b))");
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(0);
    expect(await column(t, indexes)).toBe(
      "CREATE INDEX t_a_idx ON public.t USING btree (a) true, " +
        "CREATE INDEX t_lower_idx ON public.t USING btree (lower(b)) true",
    );
  });

  test("nor with the same name: the server refuses it", async () => {
    await using t = await trial(await server(version), { "1_t.sql": setUp });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.migrations({ "2_i.sql": units("create index concurrently i on only t (a desc);") });
    await cutOff(t, "create index i on t (a)");
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("relation \"i\" already exists");
    expect(up.status).toBe(2);
    expect(await t.applied()).toEqual(["1"]);
  });
});

test("a file that would remove the journal is stopped at the statement that does", async () => {
  for (const drop of ["drop table schema_migrations_progress;", "drop schema public cascade;"]) {
    await using t = await trial(await server(17), { "1_a.sql": units(`select 1;\n${drop}`) });
    for (const _again of [1, 2]) {
      const up = await t.pgmate(["up"]);
      expect(up.stderr).toContain("1_a.sql is not recorded as applied: 1 of its 2 statements ran");
      expect(up.status).toBe(2);
      expect(await column(t, "select unit || state from schema_migrations_progress order by 1"))
        .toBe("1done, 2failed");
    }
    expect((await t.pgmate(["status"])).stdout).toContain("Dirty: 1");
  }
});

test("what was corrected since it failed is not said to have failed", async () => {
  const one = "create table a ();";
  await using t = await trial(await server(17), {
    "1_a.sql": units(`${one}\ninsert into nosuch values (1);`),
  });
  expect((await t.pgmate(["up"])).status).toBe(2);
  await t.migrations({
    "1_a.sql": units(`${one}\ncreate table nosuch (i int);\ninsert into nosuch values (1);`),
  });
  const status = await t.pgmate(["status"]);
  expect(status.stdout).toContain("statement 2 of 3 failed, and was changed since\n");
  expect(status.stdout).not.toContain("CREATE TABLE");
});

test("a call that was changed since it failed can only be run as it stands now", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair(
      "create table log (n int);\ncreate procedure pr() language plpgsql as $$ begin " +
        "insert into log values (1); commit; raise exception 'no'; end $$;",
    ),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "2_b.sql": units("call pr();") });
  expect((await t.pgmate(["up"])).status).toBe(2);
  await t.migrations({ "2_b.sql": units("create table fix (i int);") });
  const asked = await t.pgmate(["up"]);
  expect(asked.stderr).toContain("what statement 1, as it was before it was changed, had com");
  expect(asked.stderr).toContain("`pgmate up --resume repeat` to run what stands there now");
  expect((await t.pgmate(["up", "--resume", "skip"])).status).toBe(2);
  expect((await t.pgmate(["up", "--resume", "repeat"])).status).toBe(0);
  expect(await column(t, "select count(*) from log")).toBe("1");
});

test("a row that somebody else wrote is told as such", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("create table a ();\ninsert into schema_migrations (version) values ('1');"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain("the ledger holds a row for 1_a.sql already");
  expect(up.stderr).toContain("Next: pgmate writes that row itself");
  expect(up.stderr).not.toContain("is not recorded");
  expect(up.status).toBe(2);
});

test("a new ledger beside another one is told of, where nobody said which", async () => {
  await using t = await trial(await server(17), { "1_a.sql": pair("create schema app;") });
  expect((await t.pgmate(["up"])).stderr).not.toContain("Warning");
  await t.query(`alter database ${t.database.name} set search_path = app`);
  await t.migrations({ "1_a.sql": pair("select 1;") });
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain(
    "Warning: a new ledger is made in schema app, where the search path leads; public holds a " +
      "table schema_migrations too: if that one is meant, --migrations-table public.schema_migr",
  );
  const named = await t.pgmate(["up", "--migrations-table", "other.schema_migrations"]);
  expect(named.stderr).not.toContain("Warning: a new ledger");
});
