/** pgmate killed in the midst of what runs alone: the next run settles what became of it. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, roleOf, type Trial, trial, units, untilSession } from "./testing/trial.ts";

const setUp = `
  create table log (n int);
  create table a (i int, t text);
  insert into a select i, repeat('x', 5000) from generate_series(1, 20) i;
  create index old on a (i);
  create table p (i int) partition by range (i);
  create table p1 partition of p for values from (1) to (10);
  create table p2 partition of p for values from (10) to (20);
  insert into p values (1), (11);
`;

/** Until somebody ends it, a session is in a transaction that has done this. */
async function hold(t: Trial, sql: string): Promise<() => Promise<void>> {
  const held = t.query(`begin; ${sql}; select pg_sleep(100) as held; commit`).catch(() => []);
  await untilSession(t, "query like '%as held%' and wait_event = 'PgSleep'");
  return async () => {
    await t.query(
      "select pg_cancel_backend(pid) from pg_stat_activity " +
        "where query like '%as held%' and pid <> pg_backend_pid() and datname = current_database()",
    );
    await held;
  };
}

/** Runs it, and kills it when its session is in the midst of what the condition says. */
async function killIn(t: Trial, condition: string, command = "up"): Promise<void> {
  const running = t.start([command, "--lock-timeout", "60s"]);
  await untilSession(t, `application_name like 'pgmate%' and state = 'active' and ${condition}`);
  await Bun.sleep(300);
  running.signal("SIGKILL");
  expect((await running.result).status).toBe(137);
}

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(" ");
}

type Case = readonly [
  title: string,
  sql: string,
  /** What a session does in its transaction before, so that it must wait. */
  held: string,
  /** What must be there after the kill, so that the case is what it says. */
  left: string,
  /** After all, and what it is. */
  after: string,
  expected: string,
];

const invalid = "select count(*) from pg_index where not indisvalid";
const indexes =
  "select c.relname || ' ' || indisvalid from pg_index join pg_class c on c.oid = indexrelid " +
  "where indrelid = 'a'::regclass order by 1";
const partitions =
  "select inhrelid::regclass::text || inhdetachpending from pg_inherits order by 1";

const cases: readonly Case[] = [
  ["CREATE INDEX CONCURRENTLY", "create index concurrently x on a (i);",
    "insert into a values (0)", invalid, indexes, "old true x true"],
  ["one without a name", "create index concurrently on a (i);", "insert into a values (0)",
    invalid, indexes, "a_i_idx true old true"],
  ["one of an expression", "create index concurrently if not exists x on public.a (lower(t));",
    "insert into a values (0)", invalid, indexes, "old true x true"],
  ["DROP INDEX CONCURRENTLY", "drop index concurrently old;", "insert into a values (0)",
    invalid, indexes, ""],
  ["REINDEX INDEX CONCURRENTLY", "reindex index concurrently old;", "insert into a values (0)",
    invalid, indexes, "old true"],
  ["REINDEX TABLE CONCURRENTLY, with what TOAST leaves", "reindex (concurrently) table a;",
    "insert into a values (0)", invalid, indexes, "old true"],
  ["REINDEX SCHEMA CONCURRENTLY", "reindex schema concurrently public;",
    "insert into a values (0)", invalid, indexes, "old true"],
  ["DETACH PARTITION CONCURRENTLY", "alter table p detach partition p1 concurrently;",
    "select count(*) from p", "select count(*) from pg_inherits where inhdetachpending",
    partitions, "p2false"],
];

describe.each(edgeVersions)("killed on PostgreSQL %d in", (version) => {
  test.each(cases)("%s", async (_, sql, held, left, after, expected) => {
    await using t = await trial(await server(version), {
      "1_a.sql": pair(setUp),
      "2_b.sql": units(`insert into log values (1);\n${sql}\ninsert into log values (3);`),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const release = await hold(t, held);
    await killIn(t, `query ilike '%${sql.slice(0, 12)}%'`);
    expect(Number(await column(t, left))).toBeGreaterThan(0);
    const state = "select state from schema_migrations_progress where unit = 2";
    expect(await column(t, state)).toBe("running");
    const status = await t.pgmate(["status"]);
    expect(status.stdout + status.stderr).toContain("2_b.sql:3: statement 2 of 3");
    await release();
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.stderr).toContain("Resuming: 2_b.sql at statement 2 of 3");
    expect(up.status).toBe(0);
    expect(await column(t, after)).toBe(expected);
    expect(await column(t, "select n from log order by n")).toBe("1 3");
    expect(await column(t, invalid)).toBe("0");
    expect(await t.applied()).toEqual(["1", "2"]);
    expect(await column(t, "select unit from schema_migrations_progress")).toBe("");
  });
});

describe("killed in", () => {
  test("VACUUM", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair(setUp), "2_b.sql": units("vacuum a;\ninsert into log values (2);"),
    });
    await t.pgmate(["up", "--to", "1"]);
    const release = await hold(t, "lock table a in share update exclusive mode");
    await killIn(t, "query like '%vacuum%'");
    await gone(t);
    await release();
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, "select n from log")).toBe("2");
    const vacuums = "select vacuum_count from pg_stat_user_tables where relname = 'a'";
    expect(await column(t, vacuums)).toBe("1");
  });

  test("a statement that runs with its row", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair(setUp),
      "2_b.sql": units(
        "insert into log values (1);\ninsert into log select 2 from pg_sleep(20);\n" +
          "insert into log values (3);",
      ),
    });
    await t.pgmate(["up", "--to", "1"]);
    await killIn(t, "wait_event = 'PgSleep'");
    await t.migrations({
      "2_b.sql": units("insert into log values (1); insert into log values (2); " +
        "insert into log values (3);"),
    });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("Resuming: 2_b.sql at statement 2 of 3");
    expect(await column(t, "select n from log order by n")).toBe("1 2 3");
  });

  test("CREATE DATABASE that was made all the same, and DROP DATABASE", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair(setUp) });
    const name = `${t.database.name}_Made`;
    await t.pgmate(["up"]);
    await t.migrations({
      "2_b.sql": units(`create database "${name}";\ndrop database "${name}";\nselect 1;`),
    });
    // It cannot be made while somebody is in its template.
    const busy = t.server.query("template1", "select pg_sleep(4)");
    await killIn(t, "query like '%create database%'");
    await busy;
    const made = `select count(*) from pg_database where datname = '${name}'`;
    await gone(t);
    expect(await column(t, made)).toBe("0");
    await t.query(`create database "${name}"`);
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(await column(t, made)).toBe("0");
  });
});

/** Until the session of the killed one is over. */
async function gone(t: Trial): Promise<void> {
  const sql =
    "select 1 from pg_stat_activity where application_name like 'pgmate%' " +
    "and datname = current_database()";
  for (let tries = 0; (await t.query(sql)).length > 0; tries += 1) {
    if (tries > 200) throw new Error("the session of the killed run stays");
    await Bun.sleep(50);
  }
}

describe("killed in what commits by itself", () => {
  const block = "do $$ begin insert into log values (2); commit; perform pg_sleep(20); end $$;";
  const files = {
    "1_a.sql": pair(
      `${setUp} create procedure pr() language plpgsql as $$ begin
        insert into log values (2); commit; perform pg_sleep(20); end $$;`,
    ),
  };

  test.each([
    ["a block", block, "DO"],
    ["a procedure", "call pr();", "CALL"],
  ])("%s: it asks, and both answers finish it", async (_, sql, command) => {
    for (const answer of ["skip", "repeat"]) {
      await using t = await trial(await server(17), files);
      await t.pgmate(["up"]);
      const whole = `insert into log values (1);\n${sql}\ninsert into log values (3);`;
      await t.migrations({ "2_b.sql": units(whole) });
      await killIn(t, "wait_event = 'PgSleep'");
      const up = await t.pgmate(["up"]);
      expect(up.status).toBe(2);
      expect(up.stderr).toContain(`whether statement 2 (${command}) ran to its end`);
      expect(up.stderr).toContain("`pgmate up --resume skip` if it is done");
      expect(up.stderr).toContain("`pgmate up --resume repeat` to run it again");
      expect(up.stderr).toContain("2_b.sql:3:1: ");
      expect(up.stderr).toContain("2_b.sql is not recorded as applied");
      expect((await t.pgmate(["up"])).stderr).toContain("--resume skip");
      // What is taken as done must be what had run.
      const changed = units(whole.replace(sql, () => short));
      await t.migrations({ "2_b.sql": answer === "repeat" ? changed : units(whole) });
      const answered = await t.pgmate(["up", "--resume", answer]);
      expect(answered.stderr).not.toContain("Error");
      expect(answered.status).toBe(0);
      const ran = answer === "skip" ? "1 2 3" : "1 2 2 3";
      expect(await column(t, "select n from log order by n")).toBe(ran);
    }
  });

  const short = "do $$ begin insert into log values (2); commit; end $$;";

  test("on the way down it names rollback", async () => {
    await using t = await trial(await server(17), {
      ...files, "2_b.sql": units("select 1;", `${block}\ninsert into log values (3);`),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await killIn(t, "wait_event = 'PgSleep'", "rollback");
    const rollback = await t.pgmate(["rollback"]);
    expect(rollback.stderr).toContain("`pgmate rollback --resume skip`");
    expect((await t.pgmate(["up"])).stderr).toContain("2_b.sql is half rolled back");
    expect((await t.pgmate(["rollback", "--resume", "skip"])).status).toBe(0);
    expect(await column(t, "select n from log order by n")).toBe("2 3");
    expect(await t.applied()).toEqual(["1"]);
  });
});

test("REINDEX by an owner who may not touch what it leaves in TOAST", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair(setUp),
    "2_b.sql": units("reindex table concurrently a;"),
  });
  const asOwner = await roleOf(t, "owner");
  expect((await t.pgmate(["up", "--to", "1"], asOwner)).status).toBe(0);
  const release = await hold(t, "insert into a values (0)");
  const running = t.start(["up"], asOwner);
  await untilSession(t, "query like '%reindex table%' and wait_event_type = 'Lock'");
  await Bun.sleep(300);
  running.signal("SIGKILL");
  await running.result;
  await t.query(
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity " +
      "where query like '%reindex table%' and pid <> pg_backend_pid()",
  );
  await release();
  expect(await column(t, invalid)).toBe("2");
  const up = await t.pgmate(["up"], asOwner);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
  expect(await column(t, indexes)).toBe("old true");
});
