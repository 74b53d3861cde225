/** Units that meet a lock, are stopped or lose their session: what is tried again, and what not. */
import { describe, expect, test } from "bun:test";
import postgres from "postgres";
import { pgmate, temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units, untilSession, wake } from "./testing/trial.ts";

const setUp = pair(`
  create table log (n int);
  create table a (i int);
  create table b (i int);
  create procedure p() language plpgsql as $$ begin
    insert into log values (2); commit; alter table a add column if not exists j int; end $$;
`);

async function prepared(sql: string): Promise<Trial> {
  const t = await trial(await server(17), { "1_a.sql": setUp });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "2_b.sql": units("select 1;") });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "3_c.sql": units(sql) });
  return t;
}

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(" ");
}

/** A transaction that has done this and lasts so long. */
async function hold(t: Trial, sql: string, seconds: number): Promise<Promise<unknown>[]> {
  const held = t.query(`begin; ${sql}; select pg_sleep(${seconds}) as held; commit`);
  await untilSession(t, "query like '%as held%' and wait_event = 'PgSleep'");
  return [held];
}

/** A transaction that has done this, and has no snapshot that others would wait for. */
async function idle(t: Trial, sql: string): Promise<postgres.Sql> {
  const client = postgres(t.database.url, { max: 1, onnotice: () => undefined });
  await client.unsafe(`begin; ${sql}`).simple();
  return client;
}

const log = "select n from log order by n";
const short = ["up", "--lock-timeout", "200ms"];

describe("a unit that meets a lock", () => {
  test.each([
    ["a statement", "alter table a add column k int;"],
    ["a group", "begin; insert into log values (2); alter table a add column k int; commit;"],
    ["what runs alone", "vacuum full a;"],
    ["a procedure before it has committed", "call late();"],
  ])("%s is tried again by itself", async (_, sql) => {
    await using t = await prepared(
      `insert into log values (1);\n${sql}\ninsert into log values (3);`,
    );
    await t.query(
      "create procedure late() language plpgsql as 'begin alter table a add k int; commit; end'",
    );
    const held = await hold(t, "select * from a", 4);
    const up = await t.pgmate(short);
    await Promise.all(held);
    expect(up.stderr).toMatch(/pid \d+/);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(await column(t, log)).toBe(sql.includes("(2)") ? "1 2 3" : "1 3");
  });

  test.each([
    ["create index concurrently x on a (i);", "the next run goes on with statement 2"],
    ["do $$ begin insert into log values (2); commit; perform from a; end $$;",
      "the next run must be told whether statement 2 is to run again"],
  ])("what ran and could not be recorded is told: %s", async (sql, next) => {
    await using t = await prepared(`insert into log values (1);\n${sql}`);
    const writer = await idle(t, "lock table a in access exclusive mode");
    const up = t.pgmate(["up", "--lock-timeout", "2s", "--lock-retries", "0"]);
    const isOurs = "query ~ 'index concurrently x|perform from a'";
    await untilSession(t, `${isOurs} and wait_event_type = 'Lock'`);
    const locker = await idle(t, "lock table schema_migrations_progress in share mode");
    await writer.end();
    const failed = await up;
    await locker.end();
    expect(failed.stderr).toContain("the journal's row for db/migrations/3_c.sql could not be");
    const stays = "1 of its 2 statements ran and stay; one more ran and stays, without its row";
    expect(failed.stderr).toContain(`${stays}; ${next}`);
    expect(failed.status).toBe(2);
    const again = await t.pgmate(next.includes("told") ? ["up", "--resume", "skip"] : ["up"]);
    expect(again.stderr).not.toContain("Error");
    expect(again.status).toBe(0);
    expect(await column(t, log)).toBe(next.includes("told") ? "1 2" : "1");
  });

  test("a procedure that has committed is not tried again unasked", async () => {
    await using t = await prepared("insert into log values (1);\ncall p();\nselect 3;");
    const held = await hold(t, "select * from a", 5);
    const up = await t.pgmate(short);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("canceling statement due to lock timeout");
    expect(up.stderr).toContain("; what it committed by itself before it failed stays;");
    expect(up.stderr).toContain("3_c.sql:3:1: ");
    await Promise.all(held);
    expect(await column(t, log)).toBe("1 2");
    expect((await t.pgmate(["up"])).stderr).toContain("--resume repeat");
    expect((await t.pgmate(["up", "--resume", "repeat"])).status).toBe(0);
    expect(await column(t, log)).toBe("1 2 2");
  });

  test("what ran alone is not run again because its row meets one", async () => {
    await using t = await prepared(
      "do $$ begin insert into log values (2); commit; perform pg_sleep(5); end $$;\nselect 3;",
    );
    const running = t.start(short);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    const held = await hold(t, "lock table schema_migrations_progress in share mode", 8);
    const up = await running.result;
    await Promise.all(held);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(await column(t, log)).toBe("2");
  });

  test("nor where the row cannot be had at all: then it asks", async () => {
    await using t = await prepared(
      "do $$ begin insert into log values (2); commit; perform pg_sleep(5); end $$;\nselect 3;",
    );
    const running = t.start([...short, "--lock-retries", "1"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    const held = await hold(t, "lock table schema_migrations_progress in share mode", 60);
    const up = await running.result;
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("the journal's row for db/migrations/3_c.sql could not be written");
    await wake(t, Promise.all(held));
    expect((await t.pgmate(["up"])).stderr).toContain("`pgmate up --resume skip`");
    expect((await t.pgmate(["up", "--resume", "skip"])).status).toBe(0);
    expect(await column(t, log)).toBe("2");
  });

  test("with no tries left it says so, and the next run goes on there", async () => {
    await using t = await prepared("insert into log values (1);\nalter table a add k int;");
    const held = await hold(t, "select * from a", 6);
    const up = await t.pgmate([...short, "--lock-retries", "1"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("2 tries met a lock");
    expect(up.stderr).toContain("1 of its 2 statements ran and stay");
    await Promise.all(held);
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, log)).toBe("1");
  });

  test("a deadlock is one too", async () => {
    await using t = await prepared(
      "begin; insert into log values (1); lock table a; select pg_sleep(1.2); lock table b; " +
        "commit;",
    );
    const running = t.start(["up", "--lock-timeout", "20s"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    const other = t.query(
      "set deadlock_timeout = '30s'; begin; lock table b; select 1; lock table a; commit",
    );
    const up = await running.result;
    await other;
    expect(up.stderr).toContain("deadlock");
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(await column(t, log)).toBe("1");
  });

  test.each([
    ["in a transaction", pair, "prepare q as select 1; alter table a add k int; execute q;"],
    ["unit by unit", units,
      "prepare q as select 1; begin; prepare r as select 2; alter table a add k int; execute r; " +
        "commit; execute q;"],
  ])("PREPARE %s is no hindrance to another try", async (_, file, sql) => {
    await using t = await prepared("select 1;");
    await t.migrations({ "4_d.sql": file(sql) });
    const held = await hold(t, "select * from a", 4);
    const up = await t.pgmate(short);
    await Promise.all(held);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
  });
});

describe("a unit that is stopped", () => {
  const sleeps = "insert into log values (1);\ninsert into log select 2 from pg_sleep(20);";
  const sleepsNot = "insert into log values (1);\ninsert into log values (2);";

  test("by Ctrl-C: what is told is true, and up goes on", async () => {
    await using t = await prepared(sleeps);
    const running = t.start(["up"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    running.signal("SIGINT");
    const stopped = await running.result;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("1 of its 2 statements ran and stay");
    expect(stopped.stderr).toContain("3_c.sql is not recorded as applied");
    expect(await column(t, log)).toBe("1");
    await t.migrations({ "3_c.sql": units(sleepsNot) });
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, log)).toBe("1 2");
  });

  test("by Ctrl-C while an index is built: what it leaves is dropped by the next run", async () => {
    await using t = await prepared(
      "insert into log values (1);\ncreate index concurrently on a (i);",
    );
    const held = await hold(t, "insert into a values (1)", 4);
    const running = t.start(["up"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'virtualxid'");
    running.signal("SIGINT");
    const stopped = await running.result;
    expect(stopped.status).toBe(130);
    const invalid = "select indexrelid::regclass::text from pg_index where not indisvalid";
    expect(await column(t, invalid)).toBe("a_i_idx");
    await Promise.all(held);
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("Dropped: the invalid index public.a_i_idx");
    expect(up.status).toBe(0);
    expect(await column(t, "select indexrelid::regclass::text from pg_index where indisvalid and " +
      "indrelid = 'a'::regclass")).toBe("a_i_idx");
  });

  test("by Ctrl-C while a partition goes: it is told, and finished by the next run", async () => {
    await using t = await prepared("alter table p detach partition p1 concurrently;\nselect 1;");
    await t.query(
      "create table p (i int) partition by range (i); " +
        "create table p1 partition of p for values from (1) to (10)",
    );
    const held = await hold(t, "select * from p", 6);
    const running = t.start(["up"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'virtualxid'");
    await Bun.sleep(300);
    running.signal("SIGINT");
    const stopped = await running.result;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("none of its 2 statements was kept; the partition is half");
    // To finish it means to wait for older transactions, which is bounded.
    const waits = await t.pgmate([...short, "--lock-retries", "1"]);
    expect(waits.status).toBe(2);
    expect(waits.stderr).toContain("what a run before had half done stays so");
    expect(waits.stderr).toContain("`alter table public.p detach partition public.p1 finalize;`");
    expect(waits.stderr).toContain("3_c.sql:2:1: ");
    await Promise.all(held);
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, "select inhrelid::regclass::text from pg_inherits")).toBe("");
  });

  test("by the end of its session: the server is asked what of it is kept", async () => {
    await using t = await prepared(sleeps);
    const running = t.start(["up"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    await t.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' " +
        "and application_name like 'pgmate%' and datname = current_database()",
    );
    const lost = await running.result;
    expect(lost.status).toBe(2);
    expect(lost.stderr).toContain("3_c.sql is not recorded as applied: 1 of its 2 statements");
    await t.migrations({ "3_c.sql": units(sleepsNot) });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("Resuming: 3_c.sql at statement 2 of 2");
    expect(await column(t, log)).toBe("1 2");
  });

  test("by the end of its session in what commits by itself: it asks", async () => {
    await using t = await prepared(
      "do $$ begin insert into log values (1); commit; perform pg_sleep(20); end $$;",
    );
    const running = t.start(["up"]);
    await untilSession(t, "application_name like 'pgmate%' and wait_event = 'PgSleep'");
    await t.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' " +
        "and application_name like 'pgmate%' and datname = current_database()",
    );
    expect((await running.result).status).toBe(2);
    expect((await t.pgmate(["up"])).stderr).toContain("`pgmate up --resume skip`");
    expect((await t.pgmate(["up", "--resume", "skip"])).status).toBe(0);
    expect(await column(t, log)).toBe("1");
  });
});

test("the embedded Postgres goes on as a server does", async () => {
  const sql = (last: string): string => units(`
    create table log (n int);
    set app.x = 'y';
    insert into log values (1);
    begin; insert into log values (2); commit;
    vacuum log;
    ${last}
    do $$ begin assert current_setting('app.x') = 'y'; end $$;
    insert into log values (3);`);
  const check = pair(
    "do $$ begin assert (select string_agg(n::text, ' ' order by n) from log) = '1 2 3'; end $$;",
  );
  await using project = await temporaryProject({
    files: { "db/migrations/1_a.sql": sql("create unique index concurrently x on nosuch (n);") },
  });
  const options = {
    cwd: project.folder, env: { DATABASE_URL: "pglite:./data", DBMATE_NO_DUMP_SCHEMA: "true" },
  };
  const failed = await pgmate(["up"], options);
  expect(failed.stderr).toContain("relation \"nosuch\" does not exist");
  expect(failed.stderr).toContain("5 of its 8 statements ran and stay");
  const status = await pgmate(["status"], options);
  expect(status.stdout).toContain("statement 6 of 8 (CREATE INDEX CONCURRENTLY) failed");
  await project.write({
    "db/migrations/1_a.sql": sql("create unique index concurrently x on log (n);"),
    "db/migrations/2_b.sql": check,
  });
  const up = await pgmate(["up"], options);
  expect(up.stderr).not.toContain("Error");
  expect(up.stderr).toContain("Resuming: 1_a.sql at statement 6 of 8");
  expect(up.status).toBe(0);
});
