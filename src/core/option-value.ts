/** Reads the texts of options into values, and says where a text that cannot be read is from. */

import { PgmateError } from "../errors.ts";
import { parseDuration } from "./duration.ts";
import { holdsPassword, quotedWord } from "./url-text.ts";

/** The texts of an option, and who gave them. */
export interface Found {
  readonly texts: readonly string[];
  readonly from: string;
  /** Of the error for a text that cannot be read. */
  readonly code: "usage" | "configuration";
}

const trueWords: readonly string[] = ["1", "t", "T", "TRUE", "true", "True"];
export const falseWords: readonly string[] = ["0", "f", "F", "FALSE", "false", "False"];

/** It would become the name of a folder, a file or a table, and be printed. */
export function refuseUrl({ texts, from, code }: Found): void {
  if (!texts.some((text) => text.includes("://") || holdsPassword(text))) return;
  throw new PgmateError(code, `${from} holds what looks like a database URL`, {
    hint: "a URL goes to --url, or into the variable that --env names",
  });
}

/** A variable holds what the flag and the file say one by one. */
export function readWords({ texts, from }: Found): readonly string[] {
  const words = from.startsWith("$") ? texts.flatMap((text) => text.split(/\s+/)) : texts;
  return words.filter((word) => word !== "");
}

export function readFlag({ texts, from, code }: Found): boolean {
  const text = texts.at(-1);
  if (text === undefined) return false;
  if (trueWords.includes(text)) return true;
  if (falseWords.includes(text)) return false;
  throw new PgmateError(code, `${from} is neither true nor false: ${quotedWord(text)}`, {
    hint: "use true or false (or 1, 0, t, f)",
  });
}

export function readDuration({ texts, from, code }: Found): number {
  const text = texts.at(-1) ?? "";
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new PgmateError(code, `${from} is no duration: ${quotedWord(text)}`, {
    hint: "write a number with its unit: 500ms, 90s, 1m30s",
  });
}

/** Below nothing there is no wait, and the server would take it for boundless. */
export function readLimit(found: Found): number {
  const ms = readDuration(found);
  if (ms >= 0) return ms;
  throw new PgmateError(found.code, `${found.from} is below 0`, {
    hint: "write how long at most, as in 500ms or 5m",
  });
}

export function readCount({ texts, from, code }: Found): number | undefined {
  const text = texts.at(-1);
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new PgmateError(code, `${from} is no number from 1 up: ${quotedWord(text)}`, {
    hint: "give how many migrations: --steps 2",
  });
}

/** Unlike a count of what is to be done, none is a number of tries that can be wanted. */
export function readRetries({ texts, from, code }: Found): number {
  const text = texts.at(-1) ?? "";
  if (/^(?:0|[1-9][0-9]{0,8})$/.test(text)) return Number(text);
  throw new PgmateError(code, `${from} is no number from 0 up: ${quotedWord(text)}`, {
    hint: "give how many new tries: 10, or 0 for none",
  });
}

/** An empty one, as of a variable that a script forgot to set, must not mean "all". */
export function readVersion({ texts, from, code }: Found): string | undefined {
  const text = texts.at(-1);
  if (text !== "") return text;
  throw new PgmateError(code, `${from} is empty`, {
    hint: "give a version as `pgmate status` lists it, or leave the option out",
  });
}

/** An empty one, as of a variable that a script forgot to set, must not mean that there is none. */
export function readNamed({ texts, from, code }: Found): string {
  const text = texts.at(-1);
  if (text !== "") return text ?? "";
  throw new PgmateError(code, `${from} is empty`, {
    hint: "is the shell's variable set? leave the option out if it is not wanted",
  });
}

/** One that begins with a dash would be an option of git. */
export function readRevision({ texts, from, code }: Found): string | undefined {
  const text = texts.at(-1);
  if (text === undefined || /^[^-\s]/.test(text)) return text;
  throw new PgmateError(code, `${from} names no revision: ${quotedWord(text)}`, {
    hint: "give a branch, tag or commit: --since origin/main",
  });
}

export function readWord<Word extends string>(
  { texts, from, code }: Found,
  words: readonly Word[],
): Word | undefined {
  const text = texts.at(-1);
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new PgmateError(code, `${from} is none of ${words.join(", ")}: ${quotedWord(text)}`, {
    hint: `write one of: ${words.join(", ")}`,
  });
}

/** `schema.table`, `.table` and `table`; a name with more dots is nothing Postgres could mean. */
export function readTable(
  { texts, from, code }: Found,
): { readonly schema: string | undefined; readonly table: string } {
  const text = texts.at(-1) ?? "";
  const parts = text.split(".");
  const table = parts.at(-1) ?? "";
  if (table === "" || parts.length > 2) {
    throw new PgmateError(code, `${from} names no table: ${quotedWord(text)}`, {
      hint: "give a table or schema.table: --migrations-table app.schema_migrations",
    });
  }
  return { schema: parts.length === 2 ? parts[0] || undefined : undefined, table };
}
