/** pg_dump's own words, as it prints them, and what pgmate makes of them. */
import { expect, test } from "bun:test";
import { dumpFailure, dumpWarnings } from "./dump-failure.ts";

const program = { name: "pg_dump", instead: "do without" };

test.each([
  [
    "a lock",
    "pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\n" +
      "pg_dump: detail: Query was: LOCK TABLE public.a IN ACCESS SHARE MODE",
    "pg_dump failed: query failed: ERROR:  canceling statement due to statement timeout; " +
      "Query was: LOCK TABLE public.a IN ACCESS SHARE MODE",
    "--lock-wait-timeout=60s",
  ],
  [
    "a right that lacks",
    "pg_dump: error: query failed: ERROR:  permission denied for table \"S s\"\n" +
      "pg_dump: detail: Query was: LOCK TABLE secret.\"S s\" IN ACCESS SHARE MODE",
    "pg_dump failed: query failed: ERROR:  permission denied for table \"S s\"; " +
      "Query was: LOCK TABLE secret.\"S s\" IN ACCESS SHARE MODE",
    "pg_read_all_data",
  ],
  [
    "an option",
    "/pg_dump: unrecognized option: bogus\npg_dump: hint: Try \"pg_dump --help\" for more.",
    "pg_dump failed: unrecognized option: bogus",
    "--dump-option",
  ],
  [
    "a newer server",
    "pg_dump: error: aborting because of server version mismatch\n" +
      "pg_dump: detail: server version: 19.1; pg_dump version: 18.3",
    "pg_dump is of version 18.3 and does not dump a server of version 19.1",
    "a pg_dump of version 19 or newer; or do without",
  ],
  [
    "a warning in front of the error",
    "pg_dump: warning: careful\npg_dump: error: it broke\npg_dump: hint: mend it",
    "pg_dump failed: it broke",
    "mend it",
  ],
  ["anything else", "pg_dump: error: it broke", "pg_dump failed: it broke", "do without"],
])("%s", (_, said, message, hint) => {
  const failure = dumpFailure(said, program);
  expect([failure.code, failure.message]).toEqual(["dump", message]);
  expect(failure.hint).toContain(hint);
});

test("warnings are told, progress and passwords asked for are not", () => {
  const said = "pg_dump: reading schemas\nPassword: \npg_dump: warning: there are circular\n" +
    "  constraints\npg_dump: detail: t\npg_dump: warning: two";
  expect(dumpWarnings(said)).toEqual(["there are circular   constraints", "two"]);
});
