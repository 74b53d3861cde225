/** Documents for scripts: every field there, no secret, nothing that a terminal would obey. */

import { expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { errorDocument, jsonText } from "./json-text.ts";

test("what would move a terminal's cursor is escaped, and comes back as it was", () => {
  const text = "a\u001b[1m\u009b\u007f\u202e\u2028\u2069é→\ud800";
  const written = jsonText({ text });
  expect(written).toMatch(/^[\n\x20-\x7eé→]+$/);
  expect(JSON.parse(written)).toEqual({ text });
});

test("an error has all its fields, null where nothing is known", () => {
  expect(errorDocument(new PgmateError("usage", "no"), [])).toEqual({
    ok: false,
    error: {
      code: "usage", message: "no", file: null, line: null, column: null, sqlstate: null,
      server: null, state: null, hint: null,
    },
    steps: [],
  });
});

test("secrets are blanked in every part", () => {
  const said = "create role r password 'geheim'";
  const error = new PgmateError("server", said, {
    state: said,
    hint: said,
    at: { file: "f", line: 1, column: 1, text: said },
    server: {
      severity: "ERROR", code: "42601", message: said, detail: said, hint: said, where: said,
      internalQuery: said,
    },
  });
  const written = jsonText(errorDocument(error, []));
  expect(written).toContain("create role r password");
  expect(written).not.toContain("geheim");
});
