/** Histories and requests written in a few letters, for tables of what a plan must be. */

import { type History, reconcile } from "../core/history.ts";
import type { JournalRow, UnitState } from "../core/journal.ts";
import type { LedgerRow, MigrationFile } from "../core/migration.ts";
import { type Plan, plan, type PlannedStep, type Request } from "../core/plan.ts";
import { parseFileName } from "../core/version-id.ts";
import { PgmateError } from "../errors.ts";

/** `1` is 1_x.sql, `1_a` is 1_a.sql, `b/1_a` lies in another folder. */
export function fileOf(word: string): MigrationFile {
  const slash = word.indexOf("/");
  const stem = word.slice(slash + 1);
  const name = /^[0-9]+$/.test(stem) ? `${stem}_x.sql` : `${stem}.sql`;
  const parts = parseFileName(name);
  if (parts === undefined) throw new Error(`${word} is no file name`);
  return { ...parts, name, path: `${slash === -1 ? "db" : word.slice(0, slash)}/${name}` };
}

/** `1@5` was applied at second 5, `1` nobody knows when; ~ stands for a blank. */
export function rowOf(word: string): LedgerRow {
  const [version = "", second] = word.replaceAll("~", " ").split("@");
  if (second === undefined) return { version };
  return { version, appliedAt: `2025-01-01T00:00:${second.padStart(2, "0")}.000000Z` };
}

function wordsOf(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

const unitStates: Readonly<Record<string, UnitState>> = {
  d: "done", r: "running", f: "failed", n: "failed",
};

/** `3+dr` is the up of version 3, unit 1 done, unit 2 running; `3-fn` its down, n with a note. */
export function journalOf(text: string): readonly JournalRow[] {
  return wordsOf(text).flatMap((word) => {
    const [, version = "", sign, letters = ""] = /^(.*?)([+-])(\w+)$/.exec(word) ?? [];
    return [...letters].map((letter, at): JournalRow => ({
      version,
      direction: sign === "+" ? "up" : "down",
      unit: at + 1,
      hash: `h${at + 1}`,
      state: unitStates[letter] ?? "done",
      error: undefined,
      note: letter === "n" ? "{}" : undefined,
    }));
  });
}

export function historyOf(
  files: string,
  rows: string,
  versions: "text" | "numeric" = "text",
  journal = "",
): History {
  const [found, known] = [wordsOf(files).map(fileOf), wordsOf(rows).map(rowOf)];
  return reconcile(found, known, versions, journalOf(journal));
}

/** `up --to 2 --steps 1 --strict`, `rollback --to 2`, `rollback --all`, `redo`, `goto 2`. */
export function requestOf(text: string): Request {
  const [command = "", ...words] = wordsOf(text);
  const after = (name: string): string | undefined => {
    const at = words.indexOf(name);
    return at === -1 ? undefined : words[at + 1];
  };
  const [to, count] = [after("--to"), after("--steps")];
  const steps = count === undefined ? undefined : Number(count);
  switch (command) {
    case "up":
      return { kind: "up", to, steps, order: words.includes("--strict") ? "strict" : "any" };
    case "rollback":
      if (words.includes("--all")) return { kind: "rollback", amount: { kind: "all" } };
      if (to !== undefined) return { kind: "rollback", amount: { kind: "to", version: to } };
      return { kind: "rollback", amount: { kind: "steps", steps: steps ?? 1 } };
    case "redo":
      return { kind: "redo", steps: steps ?? 1 };
    case "goto":
      return { kind: "goto", version: words[0] ?? "" };
    default:
      throw new Error(`${command} is no request`);
  }
}

/**
 * `-3 -2 +2; late 2`, with `=row` where the ledger spells a version otherwise and `*` where the
 * journal knows the step; or an error.
 */
export function planText(history: History, request: Request): string {
  let made: Plan;
  try {
    made = plan(history, request);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    return `! ${error.code}`;
  }
  const late = made.outOfOrder.map(shortName);
  return made.steps.map(stepText).join(" ") + (late.length === 0 ? "" : `; late ${late.join(" ")}`);
}

function stepText({ direction, file, version, begun }: PlannedStep): string {
  const spelled = version === file.version ? "" : `=${version}`;
  const known = begun.length === 0 ? "" : "*";
  return `${direction === "up" ? "+" : "-"}${shortName(file)}${spelled}${known}`;
}

function shortName(file: MigrationFile): string {
  return file.name.replace(/(_x)?\.sql$/, "");
}
