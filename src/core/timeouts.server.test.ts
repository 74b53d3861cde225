/** Tries on real servers that a VALIDATE runs without a limit, and that nothing else does. */

import { describe, expect, test } from "bun:test";
import { type FreshDatabase, server, serverVersions } from "../testing/servers.ts";
import {
  liftStatementTimeoutSql, restoreStatementTimeoutSql, statementTimeoutSql,
} from "./step-sql.ts";
import { sessionTimeoutsSql, type Timeouts, timeoutsSql } from "./timeouts.ts";

/** A check that notes what holds while it is made, and takes as long as its row says. */
const objects = `
create table seen (id int generated always as identity, place text, value text);
create function note(place text) returns void language sql
as $$ insert into public.seen (place, value)
  values (place, pg_catalog.current_setting('statement_timeout')) $$;
create function slow(seconds float) returns bool language plpgsql as $$ begin
  perform public.note('inside'); perform pg_catalog.pg_sleep(seconds); return true; end $$;
create table t (seconds float);
insert into t values (SECONDS);
alter table t add constraint c check (slow(seconds)) not valid;
create schema evil;
create function evil.set_config(text, text, bool) returns text language sql
as $$ select 'evil' $$;
create function evil.current_setting(text) returns text language sql as $$ select 'evil' $$;`;

async function database(version: (typeof serverVersions)[number], seconds: number) {
  const made = await (await server(version)).freshDatabase();
  await made.query(objects.replace("SECONDS", String(seconds)));
  await made.query(`alter database "${made.name}" set statement_timeout = '7s'`);
  return made;
}

const lift = [
  ...liftStatementTimeoutSql,
  "alter table public.t validate constraint c",
  ...restoreStatementTimeoutSql,
];

/** What holds inside VALIDATE, after it, and after the commit. */
async function seen(made: FreshDatabase, before: readonly string[], after = ""): Promise<string> {
  await made.query("truncate seen");
  const statements = [
    "begin", ...before, ...lift, "select public.note('after')", after || "select 1", "commit",
    "select public.note('later')",
  ];
  await made.query(statements.join("; "));
  const rows = await made.query("select place, value from seen order by id");
  await made.query("alter table t drop constraint c");
  await made.query("alter table t add constraint c check (slow(seconds)) not valid");
  return rows.map((row) => `${String(row["place"])} ${String(row["value"])}`).join(", ");
}

const cases: readonly (readonly [before: readonly string[], expected: string, after?: string])[] = [
  [[], "inside 0, after 7s, later 7s"],
  [[statementTimeoutSql(5_000)], "inside 0, after 5s, later 7s"],
  [["set statement_timeout = '3s'"], "inside 0, after 3s, later 3s"],
  [["set local statement_timeout = '3s'"], "inside 0, after 3s, later 7s"],
  [[statementTimeoutSql(5_000), "set statement_timeout = '3s'"], "inside 0, after 3s, later 3s"],
  [["set statement_timeout = '3s'", "set local statement_timeout = '2s'"],
    "inside 0, after 2s, later 3s"],
  [["select set_config('statement_timeout', '3s', false)"], "inside 0, after 3s, later 3s"],
  [["set statement_timeout = 0"], "inside 0, after 0, later 0"],
  [["reset statement_timeout"], "inside 0, after 7s, later 7s"],
  [["set statement_timeout = '3s'", "reset statement_timeout"], "inside 0, after 7s, later 7s"],
  [["set statement_timeout = '1234567ms'"], "inside 0, after 1234567ms, later 1234567ms"],
  [["set local search_path = evil, pg_catalog"], "inside 0, after 7s, later 7s"],
  [["set transaction isolation level serializable"], "inside 0, after 7s, later 7s"],
  [[...lift], "inside 0, after 7s, later 7s"],
  [["set local statement_timeout = '3s'"], "inside 0, after 3s, later 1s",
    "set statement_timeout = '1s'"],
  [["set local statement_timeout = '3s'"], "inside 0, after 3s, later 7s",
    "set local statement_timeout = '1s'"],
  [["set pgmate.statement_timeout = 'x'", "set statement_timeout = '3s'"],
    "inside 0, after 3s, later 3s"],
];

describe.each(serverVersions)("on PostgreSQL %d", (version) => {
  test("what the section had set is there again", async () => {
    const made = await database(version, 0);
    for (const [before, expected, after] of cases) {
      expect([before, await seen(made, before, after)]).toEqual([before, expected]);
    }
  });

  test("a VALIDATE that is not lifted is ended, one that is is not, what follows is", async () => {
    const made = await database(version, 0.6);
    const run = async (...statements: readonly string[]): Promise<string> => {
      const whole = ["begin", statementTimeoutSql(200), ...statements, "commit"].join("; ");
      return made.query(whole).then(() => "done", (error: Error) => error.message);
    };
    const cancelled = "canceling statement due to statement timeout";
    expect(await run("alter table t validate constraint c")).toBe(cancelled);
    expect(await run(...lift, "select pg_sleep(0.6)")).toBe(cancelled);
    const state = "select convalidated from pg_constraint where conname = 'c'";
    expect([...(await made.query(state))]).toEqual([{ convalidated: false }]);
    expect(await run(...lift)).toBe("done");
    expect([...(await made.query(state))]).toEqual([{ convalidated: true }]);
  });
});

test("a role with no rights of its own may lift it", async () => {
  const made = await database(serverVersions[0], 0);
  const role = `low_${made.name}`;
  await made.query(`create role "${role}"; grant select, insert on seen to "${role}"`);
  await made.query(`alter table t owner to "${role}"`);
  expect(await seen(made, [`set local role "${role}"`])).toBe("inside 0, after 7s, later 7s");
  await made.query(`alter table t owner to current_user; drop owned by "${role}"`);
  await made.query(`drop role "${role}"`);
});

const flag: Timeouts = { lockTimeoutMs: 2_000, statementTimeoutMs: undefined };
const changes: readonly (readonly [Timeouts, Timeouts | undefined, readonly string[]])[] = [
  [flag, undefined, ["lock_timeout = 2000"]],
  [flag, flag, []],
  [{ ...flag, statementTimeoutMs: 0 }, undefined, ["lock_timeout = 2000", "statement_timeout = 0"]],
  [{ ...flag, statementTimeoutMs: 0 }, flag, ["statement_timeout = 0"]],
  [{ lockTimeoutMs: 0, statementTimeoutMs: 5 }, { lockTimeoutMs: 1, statementTimeoutMs: 5 },
    ["lock_timeout = 0"]],
  [flag, { ...flag, statementTimeoutMs: 0 }, ["statement_timeout = default"]],
];

test.each(changes)("what makes %j hold after %j", (wanted, before, expected) => {
  expect(timeoutsSql(wanted, before)).toEqual(expected.map((text) => `set local ${text}`));
  expect(sessionTimeoutsSql(wanted, before)).toEqual(expected.map((text) => `set ${text}`));
});
