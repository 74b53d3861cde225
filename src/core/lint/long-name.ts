/** `long-name`: Postgres cuts a name behind its 63rd byte, and says so only in a notice. */

import { Lexer } from "../lex.ts";
import { sectionsOf } from "../review/file-sections.ts";
import type { FileRule, FileJudgement } from "../review/rule.ts";
import type { SourceStatement } from "../review/source.ts";
import { TokenKind } from "../token.ts";

/** NAMEDATALEN is 64, and the last byte ends the name. */
const longest = 63;

export const longName: FileRule = {
  id: "long-name",
  scope: "file",
  title: "a name of more than 63 bytes is cut off",
  page: {
    locks: "None.",
    why:
      "The object gets another name than the file says. Two names that differ at their end only " +
      "are one, and a schema dump does not match the files.",
    instead: "A shorter name; characters beyond ASCII count as two to four bytes.",
    since: "all versions",
  },
  judge: ({ source }) =>
    sectionsOf(source).flatMap(({ statements }) => statements.flatMap(longNames)),
  cases: [
    {
      files: {
        "1_a.sql":
          `-- migrate:up\ncreate table ${"a".repeat(64)} (a int);\n` +
          "-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          `-- migrate:up\ncreate table "${"ä".repeat(32)}" (a int);\n` +
          "-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          `-- migrate:up\ncreate table ${"a".repeat(63)} (a text default '${"b".repeat(99)}');\n` +
          "-- migrate:down\nselect 1;\n",
      },
      gives: [],
    },
  ],
};

function longNames({ text, offset, line }: SourceStatement): readonly FileJudgement[] {
  // Most statements hold no run of that length, and need no lexer.
  if (!/[\w$\u0080-\uffff]{22,}|"[^"]{22,}"/.test(text)) return [];
  const found: FileJudgement[] = [];
  const bytes = new TextEncoder().encode(text);
  const lexer = new Lexer();
  lexer.feed(bytes, 0, "final");
  while (lexer.next()) {
    const { kind, start, end } = lexer;
    const isName = kind === TokenKind.word || kind === TokenKind.quotedIdentifier;
    if (!isName || end - start <= longest) continue;
    const written = new TextDecoder().decode(bytes.subarray(start, end));
    const name = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
    const size = new TextEncoder().encode(name).length;
    if (size <= longest) continue;
    const lines = bytes.subarray(0, start).filter((byte) => byte === 10).length;
    found.push({
      classes: ["error"],
      reason: `this name has ${size} bytes, and Postgres cuts it behind the ${longest}rd`,
      instead: "give it a shorter name",
      place: { offset: offset + start, line: line + lines },
    });
  }
  return found;
}
