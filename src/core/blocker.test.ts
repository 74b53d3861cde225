/** Who is in the way, in words: as much as is known, and that the rest is hidden. */

import { expect, test } from "bun:test";
import { type Blocker, describeBlocker, describeBlockers, endingSql } from "./blocker.ts";

const nothing: Blocker = {
  pid: 99, prepared: undefined, seen: "whole", user: undefined, application: undefined,
  address: undefined, state: undefined, ageMs: undefined, query: undefined,
};

const cases: readonly (readonly [blocker: Partial<Blocker>, expected: string])[] = [
  [{}, "pid 99"],
  [
    {
      user: "app", application: "psql", address: "10.0.0.7", state: "idle in transaction",
      ageMs: 40_000, query: "select * from t",
    },
    "pid 99 (user app, psql, from 10.0.0.7, idle in transaction for 40 s): select * from t",
  ],
  [{ user: "app", seen: "part" }, "pid 99 (user app, this role may not see more)"],
  [{ seen: "gone" }, "pid 99 (gone since)"],
  [
    { application: "autovacuum worker", state: "active", query: "autovacuum: VACUUM public.t" },
    "pid 99 (autovacuum worker, active): autovacuum: VACUUM public.t",
  ],
  [{ pid: 0 }, "a prepared transaction (pg_prepared_xacts lists them)"],
  [
    { pid: 0, prepared: "it's", user: "app", ageMs: 200_000 },
    "the prepared transaction 'it''s' (user app, prepared for 3 min 20 s)",
  ],
];

test.each(cases)("%j", (given, expected) => {
  expect(describeBlocker({ ...nothing, ...given })).toBe(expected);
});

test("of many some are named, and counted are all", () => {
  const four = [1, 2, 3, 4].map((pid) => ({ ...nothing, pid }));
  expect(describeBlockers(four, 3)).toBe("pid 1; pid 2; pid 3; and 1 more");
  expect(describeBlockers(four.slice(0, 3), 3)).toBe("pid 1; pid 2; pid 3");
});

test("what ends it is SQL", () => {
  expect(endingSql(nothing)).toBe("select pg_terminate_backend(99)");
  expect(endingSql({ ...nothing, pid: 0, prepared: "it's" })).toBe("rollback prepared 'it''s'");
});
