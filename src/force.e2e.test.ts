/** The built pgmate's `force`: the ledger and the journal say what was asked for, nothing runs. */
import { describe, expect, test } from "bun:test";
import type { ProgramResult } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const four = {
  "001_a.sql": pair("create table a (i int);", "drop table a;"),
  "002_b.sql": pair("create table b (i int);", "drop table b;"),
  "003_c.sql": pair("create table c (i int);", "drop table c;"),
  "004_d.sql": pair("create table d (i int);", "drop table d;"),
};

/** Its third statement fails until `ready` is there. */
const half = units(
  "create table c (i int);\ncreate index concurrently ci on c (i);\nselect * from ready;\n" +
    "insert into c values (1);",
  "drop index concurrently ci;\nselect * from ready;\ndrop table c;",
);

function expectDone(result: ProgramResult): void {
  expect(result.stderr).not.toContain("Error");
  expect(result.status).toBe(0);
}

async function tables(t: Trial): Promise<readonly unknown[]> {
  const rows = await t.query(
    "select relname from pg_class where relkind = 'r' and relname ~ '^.$' order by 1",
  );
  return rows.map((row) => row["relname"]);
}

/** What is physically there: a row that was written again has another xmin. */
async function physical(t: Trial): Promise<ReadonlyMap<unknown, string>> {
  const rows = await t.query("select l.version, l.xmin::text || l.ctid::text || l::text as bytes" +
    " from schema_migrations l");
  return new Map(rows.map((row) => [row["version"], String(row["bytes"])]));
}

async function journal(t: Trial): Promise<readonly string[]> {
  const rows = await t.query(
    "select version || direction || unit || state as row from schema_migrations_progress" +
      " order by 1",
  );
  return rows.map((row) => String(row["row"]));
}

describe.concurrent.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test("all up to the version become applied, all after it pending, and nothing runs", async () => {
    await using t = await trial(await server(version), four);
    expectDone(await t.pgmate(["up", "--to", "002"]));
    const before = await physical(t);
    const forward = await t.pgmate(["force", "003", "--yes"]);
    expectDone(forward);
    expect(forward.stdout).toBe("Forced: 003_c.sql (1 version changed)\n");
    expect(forward.stderr).toMatch(/^Target: .*\n003_c.sql: pending → applied\n$/);
    expect(await t.applied()).toEqual(["001", "002", "003"]);
    expect(await tables(t)).toEqual(["a", "b"]);
    const after = await physical(t);
    for (const [kept, bytes] of before) expect(after.get(kept)).toBe(bytes);
    const back = await t.pgmate(["force", "001_a.sql", "--yes"]);
    expectDone(back);
    expect(back.stderr).toEndWith("002_b.sql: applied → pending\n003_c.sql: applied → pending\n");
    expect(await t.applied()).toEqual(["001"]);
    expect((await physical(t)).get("001")).toBe(before.get("001") ?? "");
    expect(await tables(t)).toEqual(["a", "b"]);
  });

  test("a new row has a description, a checksum, a time, a name, and no duration", async () => {
    await using t = await trial(await server(version), four);
    expectDone(await t.pgmate(["force", "002", "--yes"]));
    const rows = await t.query(
      "select version, description, applied_by, execution_ms," +
        " applied_at between now() - interval '1 min' and clock_timestamp() as timely," +
        " applied_at > lag(applied_at) over (order by version) as later from schema_migrations",
    );
    const common = { applied_by: "postgres", execution_ms: null, timely: true };
    expect([...rows]).toEqual([
      { version: "001", description: "a", ...common, later: null },
      { version: "002", description: "b", ...common, later: true },
    ]);
    const { stdout } = await t.pgmate(["status", "--long"]);
    expect(stdout.match(/checksum same/g)).toHaveLength(2);
  });

  test("one alone: its row and its journal rows, no other's", async () => {
    await using t = await trial(await server(version), { ...four, "003_c.sql": half });
    expect((await t.pgmate(["up"])).status).toBe(2);
    await t.query(
      "insert into schema_migrations_progress (version, direction, unit, hash, state)" +
        " values ('004', 'up', 1, 'x', 'done')",
    );
    const ended = await t.pgmate(["force", "--only", "004", "--applied", "--yes"]);
    expectDone(ended);
    expect(ended.stderr).toContain("\n004_d.sql: dirty → applied\n");
    expect(await t.applied()).toEqual(["001", "002", "004"]);
    expect(await journal(t)).toEqual(["003up1done", "003up2done", "003up3failed"]);
    expectDone(await t.pgmate(["force", "--only", "002_b.sql", "--pending", "--yes"]));
    expect(await t.applied()).toEqual(["001", "004"]);
    expect(await journal(t)).toHaveLength(3);
  });
});

describe.concurrent("as golang-migrate's users know it", () => {
  const files = {
    "000001_a.sql": four["001_a.sql"], "000002_c.sql": half, "000003_d.sql": four["004_d.sql"],
  };

  test("after a failure, mended by hand: force it, and go on", async () => {
    await using t = await trial(await server(17), files);
    expect((await t.pgmate(["up"])).status).toBe(2);
    expect((await t.pgmate(["version"])).stdout).toBe("000002\ndirty: true\n");
    await t.query("insert into c values (1)");
    const ended = await t.pgmate(["force", "000002", "--yes"]);
    expectDone(ended);
    expect(ended.stderr).toEndWith(
      "000002_c.sql: dirty → applied\nWould never run:\n" +
        "  db/migrations/000002_c.sql:4: SELECT\n  db/migrations/000002_c.sql:5: INSERT\n",
    );
    expect((await t.pgmate(["version"])).stdout).toBe("000002\ndirty: false\n");
    expect(await journal(t)).toEqual([]);
    expectDone(await t.pgmate(["up"]));
    expect(await t.applied()).toEqual(["000001", "000002", "000003"]);
    const [count] = await t.query("select count(*)::int as n from c");
    expect(count?.["n"]).toBe(1);
  });

  test("or undone by hand: force the one before, and up begins it again", async () => {
    await using t = await trial(await server(17), files);
    expect((await t.pgmate(["up"])).status).toBe(2);
    const ended = await t.pgmate(["force", "000001", "--yes"]);
    expectDone(ended);
    expect(ended.stderr).toEndWith(
      "000002_c.sql: dirty → pending\nWould run a second time with the next up:\n" +
        "  db/migrations/000002_c.sql:2: CREATE TABLE\n" +
        "  db/migrations/000002_c.sql:3: CREATE INDEX CONCURRENTLY\n",
    );
    const again = await t.pgmate(["up"]);
    expect(again.stderr).toContain('relation "c" already exists');
    await t.query("drop table c; create table ready ()");
    expectDone(await t.pgmate(["up"]));
  });

  test("half undone: told applied, rollback would undo it a second time", async () => {
    await using t = await trial(await server(17), files);
    await t.query("create table ready ()");
    expectDone(await t.pgmate(["up", "--to", "000002"]));
    await t.query("drop table ready");
    expect((await t.pgmate(["rollback"])).status).toBe(2);
    const applied = await t.pgmate(["force", "000002", "--dry-run"]);
    expect(applied.stdout).toBe(
      "000002_c.sql: dirty → applied\nWould run a second time with the next rollback:\n" +
        "  db/migrations/000002_c.sql:8: DROP INDEX CONCURRENTLY\n",
    );
    const pending = await t.pgmate(["force", "000001", "--dry-run"]);
    expect(pending.stdout).toBe(
      "000002_c.sql: dirty → pending\nWould never run:\n" +
        "  db/migrations/000002_c.sql:9: SELECT\n  db/migrations/000002_c.sql:10: DROP TABLE\n",
    );
    expectDone(await t.pgmate(["force", "000001", "--yes"]));
    expect(await t.applied()).toEqual(["000001"]);
    expect(await journal(t)).toEqual([]);
  });

  test("versions that no file has", async () => {
    await using t = await trial(await server(17), files);
    const given: readonly (readonly [string[], string])[] = [
      [["force", "2"], "did you mean 000002?"],
      [["force", "000004"], "did you mean 00000"],
      [["force", "-1"], "pgmate force --help"],
      [["force", "--", "-1"], "pgmate status lists them"],
      [["force"], "pgmate force VERSION"],
      [["force", "000001", "000002"], "pgmate force --help"],
      [["force", "000001", "--only"], "pgmate force --only 000001 --applied"],
      [["force", "000001", "--only", "--applied", "--pending"], "pgmate force --only 000001"],
      [["force", "000001", "--pending"], "pgmate force --only 000001 --pending"],
    ];
    for (const [args, hint] of given) {
      const { status, stdout, stderr } = await t.pgmate([...args, "--yes"].toSorted(dashesFirst));
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(hint);
    }
    const [made] = await t.query("select to_regclass('schema_migrations') as ledger");
    expect(made?.["ledger"]).toBeNull();
  });
});

/** `--yes` must not stand behind `--`. */
function dashesFirst(one: string, other: string): number {
  return Number(other === "--yes") - Number(one === "--yes");
}
