/** Names of new files: what is taken as it is, and what would get lost. */

import { expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { migrationOf } from "../testing/parsed.ts";
import { newMigrationFileName, newMigrationText } from "./template.ts";
import { parseFileName } from "./version-id.ts";

test.each([
  ["create_users", "1_create_users.sql"],
  ["create users", "1_create users.sql"],
  [" x ", "1_ x .sql"],
  ["x.sql", "1_x.sql"],
  ["x.sql.sql", "1_x.sql.sql"],
  ["x.SQL", "1_x.SQL.sql"],
  ["x.up", "1_x.up.sql"],
  ["..", "1_...sql"],
  ["caf\u00e9 \u{1f600}", "1_caf\u00e9 \u{1f600}.sql"],
  ["-x", "1_-x.sql"],
  ["2", "1_2.sql"],
  ["a".repeat(249), `1_${"a".repeat(249)}.sql`],
] as const)("%j", (name, expected) => {
  expect(newMigrationFileName("1", name)).toBe(expected);
  expect(parseFileName(expected)?.version).toBe("1");
});

test.each([
  ["", "please specify a name for the new migration"],
  ["  \t", "please specify a name for the new migration"],
  ["a/b", 'a migration\'s name cannot hold a slash or a control character: "a/b"'],
  ["../../x", 'a migration\'s name cannot hold a slash or a control character: "../../x"'],
  ["a\\b", 'a migration\'s name cannot hold a slash or a control character: "a\\\\b"'],
  ["a\nb", 'a migration\'s name cannot hold a slash or a control character: "a\\nb"'],
  ["a\u0000b", 'a migration\'s name cannot hold a slash or a control character: "a\\u0000b"'],
  ["a\u001b[2J", 'a migration\'s name cannot hold a slash or a control character: "a\\u001b[2J"'],
  ["a".repeat(250), "the name is too long for a file name (255 bytes)"],
  ["\u{1f600}".repeat(63), "the name is too long for a file name (255 bytes)"],
] as const)("refused: %j", (name, message) => {
  let error: unknown;
  try {
    newMigrationFileName("1", name);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof PgmateError)) throw new Error("it was taken");
  expect(error.code).toBe("migration-name");
  expect(error.message).toBe(message);
  expect(error.hint).toBeString();
});

test("the text is dbmate's, to the byte, and a migration that does nothing", () => {
  expect(newMigrationText).toBe("-- migrate:up\n\n\n-- migrate:down\n\n");
  const { ups, downs, warnings } = migrationOf(newMigrationText);
  expect([ups.length, downs.length, warnings.length]).toEqual([1, 1, 0]);
});
