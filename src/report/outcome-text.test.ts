/** What commands return, as text in dbmate's form and as one JSON document. */

import { describe, expect, test } from "bun:test";
import type { LedgerRow } from "../core/migration.ts";
import type { Outcome, StatusEntry } from "../engine/events.ts";
import { fileOf } from "../testing/histories.ts";
import { statusText, versionText } from "./outcome-text.ts";

type Status = Extract<Outcome, { kind: "status" }>;

function entryOf(
  name: string,
  row?: Omit<LedgerRow, "version">,
  checksum: StatusEntry["checksum"] = "none",
): StatusEntry {
  const file = fileOf(name);
  const { version } = file;
  const known = row === undefined ? undefined : { version, ...row };
  return { version, file, row: known, checksum, dirty: undefined };
}

const failed: NonNullable<StatusEntry["dirty"]> = {
  direction: "up",
  unit: 3,
  of: 5,
  place: { file: "db/migrations/2_posts.sql", line: 7, column: 1, text: "create index …" },
  command: "CREATE INDEX CONCURRENTLY",
  state: "failed",
  error: "could not create unique index \"x\"",
  asks: false,
  changed: false,
  refusal: undefined,
  runBy: undefined,
};

function statusOf(
  entries: readonly StatusEntry[],
  missing: readonly StatusEntry[] = [],
): Status {
  return { kind: "status", entries, missing, answer: "yes" };
}

const gone: StatusEntry = {
  version: "3", file: undefined, row: { version: "3", description: "lost" }, checksum: "none",
  dirty: undefined,
};

describe("short", () => {
  test.each([
    ["dbmate's list and counts", statusOf([entryOf("1_users", {}), entryOf("2_posts")]),
      "[X] 1_users.sql\n[ ] 2_posts.sql\n\nApplied: 1\nPending: 1\n"],
    ["one that is half applied",
      statusOf([entryOf("1_users", {}), { ...entryOf("2_posts"), dirty: failed }]),
      "[X] 1_users.sql\n[ ] 2_posts.sql\n\nApplied: 1\nPending: 1\nDirty: 1\n" +
        "[!] 2_posts.sql (applied in part): db/migrations/2_posts.sql:7: " +
        "statement 3 of 5 (CREATE INDEX CONCURRENTLY) failed\n" +
        "    could not create unique index \"x\"\n    `pgmate up` goes on there\n"],
    ["one that a run is in the midst of",
      statusOf([{
        ...entryOf("2_posts"),
        dirty: { ...failed, state: "next", error: undefined, runBy: "pgmate up (pid 7)" },
      }]),
      "[ ] 2_posts.sql\n\nApplied: 0\nPending: 1\nDirty: 1\n" +
        "[!] 2_posts.sql (applied in part): a run is under way\n    pgmate up (pid 7)\n" +
        "    at db/migrations/2_posts.sql:7: statement 3 of 5 (CREATE INDEX CONCURRENTLY), " +
        "or further\n"],
    ["one whose row lacks, and one whose file is gone",
      statusOf(
        [{ ...entryOf("2_posts"), dirty: { ...failed, unit: 6, state: "next", error: undefined } }],
        [{
          ...gone,
          dirty: {
            ...failed, direction: "down", of: undefined, place: undefined, command: undefined,
            state: "running", error: undefined,
          },
        }],
      ),
      "[ ] 2_posts.sql\n\nApplied: 0\nPending: 1\n" +
        "Missing: 1 (applied, but without a file here)\n[?] 3\nDirty: 2\n" +
        "[!] 2_posts.sql (applied in part): all statements ran, only its row lacks\n" +
        "    `pgmate up` goes on there\n" +
        "[!] 3 (rolled back in part): statement 3 was cut off\n" +
        "    its file is gone: bring it back, then `pgmate rollback` goes on there\n"],
    ["no files", statusOf([]), "\nApplied: 0\nPending: 0\n"],
    ["all applied", statusOf([entryOf("1", {}), entryOf("2", {})]),
      "[X] 1_x.sql\n[X] 2_x.sql\n\nApplied: 2\nPending: 0\n"],
    ["what has no file comes after the counts", statusOf([entryOf("1", {})], [gone]),
      "[X] 1_x.sql\n\nApplied: 1\nPending: 0\n" +
        "Missing: 1 (applied, but without a file here)\n[?] 3\n"],
    ["names that move the cursor", statusOf([entryOf("1_a\u001b[2Jb", {})]),
      "[X] 1_a\ufffd[2Jb.sql\n\nApplied: 1\nPending: 0\n"],
  ] as const)("%s", (_, status, expected) => {
    expect(statusText(status, "short")).toBe(expected);
  });
});

describe("long", () => {
  const row = {
    appliedAt: "2025-01-31T23:59:59.123456Z", appliedBy: "me", executionMs: 12, checksum: "v1:x",
  };

  test("columns, told or unknown", () => {
    const status = statusOf([
      entryOf("1_a", row, "same"),
      entryOf("2_longer", { ...row, executionMs: 200_000 }, "changed"),
      entryOf("3", {}, "none"),
      entryOf("4", row, "unreadable"),
      entryOf("5"),
    ]);
    expect(statusText(status, "long")).toBe(
      [
        "[X] 1_a.sql       2025-01-31 23:59:59 UTC  me  12 ms  checksum same",
        "[X] 2_longer.sql  2025-01-31 23:59:59 UTC  me  3 min 20 s  checksum CHANGED",
        "[X] 3_x.sql       time unknown  by unknown  duration unknown  checksum not recorded",
        "[X] 4_x.sql       2025-01-31 23:59:59 UTC  me  12 ms  file cannot be parsed",
        "[ ] 5_x.sql",
        "",
        "Applied: 4",
        "Pending: 1",
        "",
      ].join("\n"),
    );
  });

  test("wide names keep the columns", () => {
    const status = statusOf([entryOf("1_\u4f60\u597d", row, "same"), entryOf("2_ab", row, "same")]);
    const [first = "", second = ""] = statusText(status, "long").split("\n");
    const before = (line: string): number => Bun.stringWidth(line.slice(0, line.indexOf("2025")));
    expect(before(first)).toBe(before(second));
  });

  test.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [90_000, "90 s"],
  ] as const)("%d ms are %s", (executionMs, text) => {
    const status = statusOf([entryOf("1", { ...row, executionMs })]);
    expect(statusText(status, "long")).toContain(`  ${text}  `);
  });
});

test("a row's version makes no line of its own, and moves no cursor, in text as in JSON", () => {
  const version = "3\n[X] 4_x.sql\u001b[1m\u202e";
  const status = statusOf([], [{ ...gone, version }]);
  expect(statusText(status, "short")).toContain("[?] 3\ufffd[X] 4_x.sql\ufffd[1m\ufffd\n");
  const json = statusText(status, "json");
  expect(json).not.toMatch(/[\u001b\u202e]/);
  expect(JSON.parse(json)).toMatchObject({ missingMigrations: [{ version }] });
});

test("quiet", () => {
  expect(statusText(statusOf([entryOf("1")]), "none")).toBe("");
});

test("one JSON document, with null for what is not known", () => {
  const row = { appliedAt: "2025-01-31T23:59:59.123456Z", checksum: "v1:x", executionMs: 1.5 };
  const status = statusOf([entryOf("1_a", row, "same"), entryOf("02_b")], [gone]);
  const text = statusText(status, "json");
  expect(text).toEndWith("}\n");
  expect(JSON.parse(text)).toEqual({
    applied: 1,
    pending: 1,
    missing: 1,
    dirty: 0,
    migrations: [
      {
        version: "1", file: "db/1_a.sql", description: "a", applied: true,
        appliedAt: "2025-01-31T23:59:59.123456Z", appliedBy: null, executionMs: 1.5,
        checksum: "same", dirty: null,
      },
      {
        version: "02", file: "db/02_b.sql", description: "b", applied: false, appliedAt: null,
        appliedBy: null, executionMs: null, checksum: "none", dirty: null,
      },
    ],
    missingMigrations: [
      {
        version: "3", file: null, description: "lost", applied: true, appliedAt: null,
        appliedBy: null, executionMs: null, checksum: "none", dirty: null,
      },
    ],
  });
});

test.each([
  [undefined, false, "no migration\n"],
  ["20240101000000", false, "20240101000000\ndirty: false\n"],
  ["001", true, "001\ndirty: true\n"],
] as const)("the version %p, dirty %p", (version, dirty, expected) => {
  expect(versionText({ kind: "version", version, dirty })).toBe(expected);
});
