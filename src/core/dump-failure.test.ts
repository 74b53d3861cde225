/** pg_dump's own words, as it prints them, and what pgmate makes of them. */
import { expect, test } from "bun:test";
import { dumpFailure } from "./dump-failure.ts";

test.each([
  [
    "a lock",
    [
      "pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout",
      "pg_dump: detail: Query was: LOCK TABLE public.a IN ACCESS SHARE MODE",
    ],
    "another session holds a table locked, and the dump waited long enough for it",
    "--lock-wait-timeout=60s",
  ],
  [
    "a right that lacks",
    [
      "pg_dump: error: query failed: ERROR:  permission denied for table \"S s\"",
      "pg_dump: detail: Query was: LOCK TABLE secret.\"S s\" IN ACCESS SHARE MODE",
    ],
    "this role may not read table \"S s\"",
    "pg_read_all_data",
  ],
  [
    "an option",
    ["/pg_dump: unrecognized option: bogus", "pg_dump: hint: Try \"pg_dump --help\" for more."],
    "pg_dump does not take that: unrecognized option: bogus",
    "--dump-option=",
  ],
  [
    "a newer server",
    [
      "pg_dump: error: aborting because of server version mismatch",
      "pg_dump: detail: server version: 19.1; pg_dump version: 18.3",
    ],
    "the server is newer than this pg_dump",
    "--pg-dump PATH",
  ],
  [
    "anything else",
    ["pg_dump: error: no matching tables were found", "pg_dump: hint: look again"],
    "pg_dump could not dump the schema: no matching tables were found",
    "look again",
  ],
  ["nothing", [], "pg_dump could not dump the schema: it ended without a word", "--dump-option="],
])("%s", (_, said, message, hint) => {
  const failure = dumpFailure(said);
  expect([failure.code, failure.message]).toEqual(["dump", message]);
  expect(failure.hint).toContain(hint);
});
