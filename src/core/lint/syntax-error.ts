/** `syntax-error`: what Postgres' own parser does not take. */

import { sectionsOf } from "../review/file-sections.ts";
import type { FileRule } from "../review/rule.ts";

export const syntaxError: FileRule = {
  id: "syntax-error",
  scope: "file",
  title: "Postgres cannot parse the statement",
  page: {
    locks: "None: the server refuses the statement, and the step is undone.",
    why: "The run would stop here, with the files before it applied and those behind it not.",
    instead: "Correct the statement at the place that is named.",
    since: "the parser is that of 18: it takes what 15, 16 and 17 take",
  },
  judge: ({ source }) =>
    sectionsOf(source).flatMap(({ statements }) =>
      statements.flatMap(({ unread, offset, line, text }) => {
        if (unread?.kind !== "syntax") return [];
        const before = new TextEncoder().encode(text).subarray(0, unread.at);
        const lines = before.filter((byte) => byte === 10).length;
        return [{
          classes: ["error"] as const,
          reason: unread.message,
          place: { offset: offset + unread.at, line: line + lines },
        }];
      }),
    ),
  cases: [
    { files: { "1_a.sql": "-- migrate:up\ncreate tabel t (a int);\n-- migrate:down\n" },
      gives: ["error"] },
    { files: { "1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n" }, gives: [] },
  ],
};
