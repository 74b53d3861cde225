/** Asks real servers 15 to 18 what libpg_query reads otherwise than they do. */

import { expect, test } from "bun:test";
import { server, serverVersions } from "../testing/servers.ts";
import { split } from "./split.ts";

/** Strings with comments between their parts, and what they are to Postgres. */
const continued: readonly (readonly [sql: string, value: string])[] = [
  ["select 'a' -- c\n'b' as value", "ab"],
  ["select 'a'\n-- c\n  -- d;\r\n'b' as value", "ab"],
  ["select 'a' -- c\r'b' as value", "ab"],
  ["select E'a' -- '\n'\\'; b' as value", "a'; b"],
  ["select 'a'\n'\\' as value", "a\\"],
  ["select E'' '\\' as value", ""],
];

test.each([...serverVersions])("PostgreSQL %i continues strings past comments", async (version) => {
  const running = await server(version);
  for (const [sql, value] of continued.slice(0, -1)) {
    expect(split(sql).map((piece) => piece.kind)).toEqual(["statement"]);
    expect(split(`${sql};a`)).toMatchObject([{ terminated: true }, { head: 0, tail: 1 }]);
    expect(await running.query("postgres", sql)).toMatchObject([{ value }]);
  }
  const [notContinued = ""] = continued.at(-1) ?? [];
  await expect(running.query("postgres", notContinued)).rejects.toThrow("syntax error");
}, 120_000);
