/** `likely-secret`: a password or key in a file that everybody can read for ever. */

import { redactSecrets } from "../redact.ts";
import { sectionsOf } from "../review/file-sections.ts";
import type { FileJudgement, FileRule } from "../review/rule.ts";
import type { SourceStatement } from "../review/source.ts";

/** Keys whose makers gave them a form that nothing else has. */
const knownKeys: readonly RegExp[] = [
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{22,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}\b/,
  /\bsk_live_[A-Za-z0-9]{16,}\b/,
  /\bxox[abposr]-[A-Za-z0-9-]{10,}\b/,
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
];

export const likelySecret: FileRule = {
  id: "likely-secret",
  scope: "file",
  title: "what looks like a password or a key stands in the file",
  page: {
    locks: "None.",
    why:
      "Migrations are kept for ever and are read by many; what stands in one has to be taken for " +
      "known. The server may write the statement into its log as well.",
    instead:
      "Create the role without a password and give it one where it is deployed, or pass a " +
      "verifier that psql's \\password has made. Change what has been committed.",
    since: "all versions",
  },
  judge: ({ source }) =>
    sectionsOf(source).flatMap(({ statements }) => statements.flatMap(secretIn)),
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate role app login password 'hunter2';\n-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate role app login;\ncreate table t (password text);\n" +
          "-- migrate:down\nselect 1;\n",
      },
      gives: [],
    },
  ],
};

/** Of several in a statement the first is told. */
function secretIn({ text, offset, line }: SourceStatement): readonly FileJudgement[] {
  const keys = knownKeys.map((pattern) => text.search(pattern)).filter((at) => at >= 0);
  const shown = redactSecrets(text);
  const at = shown === text ? keys.toSorted((left, right) => left - right)[0]
    : firstDifference(text, shown);
  if (at === undefined) return [];
  const before = text.slice(0, at);
  return [{
    classes: ["error"],
    reason: "this looks like a password or a key, which a file in git keeps for ever",
    instead: "set it where it is deployed, and change it if it has been committed",
    place: {
      offset: offset + new TextEncoder().encode(before).length,
      line: line + before.split("\n").length - 1,
    },
  }];
}

function firstDifference(left: string, right: string): number {
  let at = 0;
  while (left[at] === right[at]) at += 1;
  return at;
}
