/** The line for each event, on the stream where dbmate's users look for it. */

import { expect, test } from "bun:test";
import type { Event } from "../engine/events.ts";
import { fileOf } from "../testing/histories.ts";
import { eventLines } from "./event-text.ts";

/** `out|text` or `err|text`, as they come; an empty list is nothing. */
function printed(event: Event, detail: "verbose" | "normal" = "normal"): string {
  return eventLines(event, detail).map(({ stream, text }) => `${stream}|${text}`).join("");
}

const file = fileOf("20240101000000_users");
const place = { file: "db/1_x.sql", line: 3, column: 7, text: "x" };

const cases: readonly (readonly [event: Event, expected: string])[] = [
  [{ kind: "target", description: "me@h:5432/d", server: "PostgreSQL 18.1" },
    "err|Target: me@h:5432/d (PostgreSQL 18.1)\n"],
  [{ kind: "creating-database", name: "my db" }, "out|Creating: my db\n"],
  [{ kind: "dropping-database", name: "d" }, "out|Dropping: d\n"],
  [{ kind: "creating-schema", name: "foo" }, "out|Creating schema: foo\n"],
  [{ kind: "creating-schema", name: "Foo" }, 'out|Creating schema: "Foo"\n'],
  [{ kind: "creating-schema", name: 'a"b' }, 'out|Creating schema: "a""b"\n'],
  [{ kind: "creating-migration", path: "db/1_x.sql" }, "out|Creating migration: db/1_x.sql\n"],
  [{ kind: "waiting-begins", waitedMs: 0, code: "connect", reason: "x" },
    "out|Waiting for database"],
  [{ kind: "waiting-goes-on", waitedMs: 1, code: "connect", reason: "x" }, "out|."],
  [{ kind: "waiting-ends", waitedMs: 1, server: "answers" }, "out|\n"],
  [{ kind: "lock-wait", holder: "pgmate up", waitedMs: 0 },
    "err|Waiting for another run to end: pgmate up\n"],
  [{ kind: "lock-wait", holder: undefined, waitedMs: 10_000 },
    "err|Waiting for another run to end: its session is not visible, 10 s so far\n"],
  [{ kind: "applying", file }, "out|Applying: 20240101000000_users.sql\n"],
  [{ kind: "rolling-back", file }, "out|Rolling back: 20240101000000_users.sql\n"],
  [{ kind: "applied", file, ms: 2.4505, rows: 2 },
    "out|Applied: 20240101000000_users.sql in 2.4505ms\n"],
  [{ kind: "rolled-back", file, ms: 62_500, rows: undefined },
    "out|Rolled back: 20240101000000_users.sql in 1m2.5s\n"],
  [{
    kind: "server-notice", notice: { severity: "NOTICE", code: "00000", message: "m", hint: "h" },
  }, "err|NOTICE: m\nerr|Hint: h\n"],
  [{ kind: "warning", message: "m" }, "err|Warning: m\n"],
  [{ kind: "warning", message: "m", at: place }, "err|Warning: db/1_x.sql:3: m\n"],
  [{ kind: "warning", message: "password 'abc'" }, "err|Warning: password '***'\n"],
  [{ kind: "creating-database", name: "a\u001b[2J" }, "out|Creating: a\ufffd[2J\n"],
];

test.each(cases)("%j", (event, expected) => {
  expect(printed(event)).toBe(expected);
});

test.each([
  ["applied", 2, "out|Rows affected: 2\nout|Applied: 20240101000000_users.sql in 1ms\n"],
  ["applied", 0, "out|Rows affected: 0\nout|Applied: 20240101000000_users.sql in 1ms\n"],
  ["applied", undefined, "out|Applied: 20240101000000_users.sql in 1ms\n"],
  ["rolled-back", 1, "out|Rows affected: 1\nout|Rolled back: 20240101000000_users.sql in 1ms\n"],
] as const)("verbose: %s, rows %p", (kind, rows, expected) => {
  expect(printed({ kind, file, ms: 1, rows }, "verbose")).toBe(expected);
});
