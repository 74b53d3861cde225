/** Reviews migration texts without a database, for tests. */

import { loadModule, parseSync } from "libpg-query";
import { MigrationParser } from "../core/parse.ts";
import { type FileToJudge, type JudgeRequest, reviewFiles } from "../core/review/judge.ts";
import type { Review } from "../core/review/review.ts";
import { fileRules, folderRules } from "../core/review/file-rules.ts";
import { statementRules } from "../core/review/rules.ts";
import { noFacts } from "../core/review/schema-facts.ts";
import { sectionRules } from "../core/review/section-rules.ts";
import type { SourceFile } from "../core/review/source.ts";
import { faultySource, type Parsed, readSource } from "../core/review/source-file.ts";
import { parseFileName } from "../core/version-id.ts";

/** Before the first review. */
export async function loadReview(): Promise<void> {
  await loadModule();
}

export function parseSql(sql: string): Parsed {
  try {
    const statements = (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
    return { kind: "tree", statements };
  } catch (error) {
    return { kind: "syntax", message: error instanceof Error ? error.message : "", at: 0 };
  }
}

/** File name → text, in the order given; all of them are judged. */
export function reviewed(
  files: Readonly<Record<string, string>>,
  more: Partial<JudgeRequest> = {},
): Review {
  const sources = Object.entries(files).map(([name, text]) => sourceOf(name, text));
  const toJudge = sources.map((source): FileToJudge => ({
    read: () => source, direction: "up", as: "judged",
  }));
  return reviewFiles({
    files: toJudge,
    folder: sources.map(({ file }) => file),
    facts: noFacts,
    known: { serverMajor: undefined, timeZone: undefined, source: "files" },
    rules: {
      statement: statementRules, section: sectionRules, file: fileRules, folder: folderRules,
    },
    allowed: [],
    batch: "file",
    smallBytes: 0,
    ...more,
  });
}

export function sourceOf(name: string, text: string): SourceFile {
  const bytes = new TextEncoder().encode(text);
  const file = {
    ...(parseFileName(name) ?? { version: "1", description: "" }), name, path: name,
  };
  const parser = new MigrationParser(file);
  parser.push(bytes);
  const result = parser.end();
  const read = ({ start, end }: { start: number; end: number }) => [bytes.subarray(start, end)];
  if (result.kind === "fault") return faultySource(file, result.fault, { read });
  return readSource(result.migration, { read, parse: parseSql });
}
