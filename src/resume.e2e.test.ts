/** A step that failed half way goes on where it stopped, and nothing of it runs twice. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const create = "create table log (n int);\n";

/** What has run, each as often as it did. */
async function log(t: Trial): Promise<string> {
  const [row] = await t.query("select string_agg(n::text, ' ' order by n) as log from log");
  return String(row?.["log"]);
}

async function journal(t: Trial): Promise<string> {
  const rows = await t.query(
    "select direction || unit || ' ' || state as row from schema_migrations_progress " +
      "order by direction, unit",
  );
  return rows.map((row) => row["row"]).join(", ");
}

type Case = readonly [
  title: string,
  broken: string,
  corrected: string,
  /** Whether something of it may have happened. */
  left: "nothing" | "something",
  log?: string,
];

/** In place of `@` in: create log; insert 1; @; insert 3. */
const cases: readonly Case[] = [
  ["a statement", "insert into log values (2), ('x');", "insert into log values (2);", "nothing"],
  ["a syntax error", "insert into log valus (2);", "insert into log values (2);", "nothing"],
  ["a group", "begin; insert into log values (2); select 1/0; commit;",
    "begin; insert into log values (2); commit;", "nothing"],
  ["a COPY", "copy log from stdin;\n2\nx\n\\.\n", "copy log from stdin;\n2\n\\.\n", "nothing"],
  ["a COPY in a group", "begin; insert into log values (2);\ncopy log from stdin;\nx\n\\.\ncommit;",
    "begin;\ncopy log from stdin;\n2\n\\.\ncommit;", "nothing"],
  ["the commit of a group",
    "begin; insert into log values (2); create table d (i int unique deferrable initially " +
      "deferred); insert into d values (1), (1); commit;",
    "begin; insert into log values (2); commit;", "nothing"],
  ["what a statement leaves to be checked at its end",
    "with i as (insert into log values (2)) insert into d values (1), (1);",
    "insert into log values (2); drop table d;", "nothing"],
  ["a serializable group",
    "begin isolation level serializable; set transaction read write; insert into log values (2); " +
      "do $$ begin assert current_setting('transaction_isolation') = 'serializable'; end $$; " +
      "select 1/0; commit;",
    "start transaction isolation level serializable; insert into log values (2); commit;",
    "nothing"],
  ["a group that only reads", "begin read only; select 1/0; commit;",
    "begin read only; select 1; commit; insert into log values (2);", "nothing"],
  ["a group that writes and says it only reads",
    "begin read only; insert into log values (2); commit;",
    "begin; insert into log values (2); commit;", "nothing"],
  ["a block", "do $$ begin insert into log values (2); perform 1/0; end $$;",
    "do $$ begin insert into log values (2); end $$;", "nothing"],
  ["a block that commits by itself",
    "do $$ begin insert into log values (2); commit; perform 1/0; end $$;", "select 1;",
    "something"],
  ["a procedure that commits by itself", "call p(0);", "select 1;", "something"],
  ["a procedure that does not", "call q(0);", "call q(1);", "nothing"],
  ["what must run alone", "vacuum (analyze) nosuch;", "vacuum log; insert into log values (2);",
    "nothing"],
  ["an index on no table", "create index concurrently x on nosuch (n);",
    "create index concurrently x on log (n); insert into log values (2);", "nothing"],
  ["an index that cannot be made", "create unique index concurrently x on twice (i);",
    "create index concurrently x on twice (i); insert into log values (2);", "something"],
  ["an index without a name that cannot be made",
    "create unique index concurrently on twice (i);",
    "create index concurrently on twice (i); insert into log values (2);", "something"],
  ["an index that is there", "create index concurrently there on log (n);",
    "create index concurrently x on log (n); insert into log values (2);", "nothing"],
  ["a database that is there", "create database postgres;", "insert into log values (2);",
    "nothing"],
  ["a database that is not there", "drop database nosuch;", "insert into log values (2);",
    "nothing"],
];

const setUp = `
  create table log (n int);
  create index there on log (n);
  create table d (i int unique deferrable initially deferred);
  create table twice (i int);
  insert into twice values (1), (1);
  create procedure p(i int) language plpgsql as $$
    begin insert into log values (2); commit; perform 1 / i; end $$;
  create procedure q(i int) language plpgsql as $$
    begin insert into log values (2); perform 1 / i; end $$;
`;

function around(sql: string): string {
  return units(`insert into log values (1);\n${sql}\ninsert into log values (3);`);
}

describe.each(cases)("the statement that fails is %s", (_, broken, corrected, left) => {
  test("the next up goes on with it", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair(setUp), "2_b.sql": around(broken), "3_c.sql": pair("select 1;"),
    });
    const failed = await t.pgmate(["up"]);
    expect(failed.stderr).toContain("1 of its 3 statements ran and stay");
    const asks = left === "something" && corrected === "select 1;";
    expect(failed.stderr).toContain(
      `the next run ${asks ? "must be told whether" : "goes on with"} statement 2`,
    );
    expect(failed.stderr).toMatch(/2_b\.sql:[35]:\d+: /);
    expect(failed.status).toBe(2);
    expect(await t.applied()).toEqual(["1"]);
    const [row] = await t.query(
      "select error, note from schema_migrations_progress where unit = 2 and state = 'failed'",
    );
    expect(row?.["note"] === null ? "nothing" : "something").toBe(left);
    const again = await t.pgmate(["up"]);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("Resuming: 2_b.sql at statement 2 of 3");
    if (left === "nothing") expect(said(again.stderr)).toBe(said(failed.stderr));
    const other = await t.pgmate(["redo"]);
    expect(other.stderr).toContain("2_b.sql is half applied");
    await t.query("truncate log");
    await t.migrations({ "2_b.sql": around(corrected) });
    if (asks) expect((await t.pgmate(["up"])).stderr).toContain("--resume repeat");
    const up = await t.pgmate(asks ? ["up", "--resume", "repeat"] : ["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    // The first does not run again, and what follows runs once.
    expect(await log(t)).toBe(left === "something" && corrected === "select 1;" ? "3" : "2 3");
    expect(await t.applied()).toEqual(["1", "2", "3"]);
    expect(await journal(t)).toBe("");
    const invalid = await t.query("select 1 from pg_index where not indisvalid");
    expect(invalid).toHaveLength(0);
    expect((await t.pgmate(["up"])).stdout).not.toContain("Applying");
  });
});

/** The server's words, without place and state. */
function said(stderr: string): string {
  return /^Error: .*?: (.*)$/m.exec(stderr)?.[1] ?? stderr;
}

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("an unfinished step is told by status and version, and comes first", async () => {
    await using t = await trial(await server(version), {
      "1_a.sql": pair(`${create}insert into log values (1);`),
      "2_b.sql": units(
        "insert into log values (2);\ninsert into log values (3);\n  select nope;\n",
      ),
      "3_c.sql": pair("insert into log values (4);"),
    });
    expect((await t.pgmate(["up"])).status).toBe(2);
    // A file that comes late does not come before what is half applied.
    await t.migrations({ "0_late.sql": pair("insert into log values (0);") });
    const status = await t.pgmate(["status"]);
    expect(status.stdout).toContain("[ ] 2_b.sql");
    const told = status.stdout + status.stderr;
    expect(told).toContain("2_b.sql:4: statement 3 of 3 (SELECT) failed");
    expect(told).toContain("column \"nope\" does not exist");
    const version2 = await t.pgmate(["version"]);
    expect(version2.stdout.trim()).toBe("2\ndirty: true");
    const json = JSON.parse((await t.pgmate(["status", "--json"])).stdout);
    expect(JSON.stringify(json)).toContain("nope");
    const entry = JSON.parse(JSON.stringify(json)).migrations?.find(
      (one: { version?: string }) => one.version === "2",
    );
    expect(entry?.dirty).toMatchObject({ direction: "up" });
    await t.migrations({ "2_b.sql": units(
      "insert into log values (2); -- so\ninsert /* may */ into log\n  values (3);\nselect 5;",
    ) });
    const up = await t.pgmate(["up"]);
    expect(up.stdout.match(/Applying: \S+/g)).toEqual([
      "Applying: 2_b.sql", "Applying: 0_late.sql", "Applying: 3_c.sql",
    ]);
    expect(await log(t)).toBe("0 1 2 3 4");
  });

  test("an index that fails is dropped, made again, and told of", async () => {
    await using t = await trial(await server(version), {
      "1_a.sql": units(
        "create table a (i int);\ninsert into a values (1), (1);\n" +
          "create unique index concurrently x on a (i);",
      ),
    });
    const failed = await t.pgmate(["up"]);
    expect(failed.stderr).toContain("could not create unique index \"x\"");
    expect(failed.stderr).toContain("the index public.x is left INVALID");
    const again = await t.pgmate(["up"]);
    expect(again.stderr).toContain("Dropped: the invalid index public.x");
    expect(again.stderr).toContain("could not create unique index \"x\"");
    await t.query("delete from a where ctid = (select min(ctid) from a)");
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(0);
    const found = await t.query(
      "select indexrelid::regclass::text as name, indisvalid from pg_index " +
        "where indrelid = 'a'::regclass",
    );
    expect([...found]).toEqual([{ name: "x", indisvalid: true }]);
  });
});

test("a group that only reads because the session does so by default", async () => {
  const sql = (group: string): string => units(
    `create table log (n int);\nset default_transaction_read_only = on;\n${group}\nselect 1;`,
  );
  await using t = await trial(await server(17), { "1_a.sql": sql("begin; select 1/0; commit;") });
  const failed = await t.pgmate(["up"]);
  expect(failed.stderr).toContain("1_a.sql:4:8: division by zero");
  await t.migrations({ "1_a.sql": sql("begin; insert into log values (1); commit;") });
  const refused = await t.pgmate(["up"]);
  expect(refused.stderr).toContain("cannot execute INSERT in a read-only transaction");
  expect(refused.stderr).toContain("2 of its 4 statements ran and stay");
  await t.migrations({ "1_a.sql": sql("begin; select 1; commit;") });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
});
