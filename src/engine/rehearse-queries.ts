/** Prepares an application's queries against a schema, and says which of them cannot be. */

import type { BrokenQuery } from "../core/review/review.ts";
import { Splitter, type Statement } from "../core/split.ts";
import { traits } from "../core/statement.ts";
import { listSqlFiles } from "../disk/migration-files.ts";
import { openMigration } from "../disk/migration-files.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "../pg/session.ts";

/** A query with its place. */
export interface Query {
  readonly path: string;
  readonly line: number;
  readonly sql: string;
}

/** What PREPARE takes. */
const preparable: readonly string[] = [
  "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "WITH", "TABLE",
];

/** The queries of all .sql files of a folder. Throws `directory-missing`, `usage` for none. */
export function readQueries(folder: string): readonly Query[] {
  const queries = listSqlFiles(folder).flatMap(queriesOf);
  if (queries.length > 0) return queries;
  throw new PgmateError("usage", `no .sql file in ${folder} holds a query`, {
    hint: "name the folder of the application's queries: --queries DIR",
  });
}

function queriesOf(path: string): readonly Query[] {
  const splitter = new Splitter();
  const pieces = [...openMigration(path).read()].flatMap((chunk) => splitter.push(chunk));
  let line = 1;
  return [...pieces, ...splitter.end()].flatMap((piece) => {
    const start = line;
    line += newlines(piece.bytes);
    if (piece.kind !== "statement" || !preparable.includes(traits(piece).command)) return [];
    const lead = newlines(piece.bytes.subarray(0, piece.head));
    return [{ path, line: start + lead, sql: text(piece) }];
  });
}

function text({ bytes, head, tail }: Statement): string {
  return new TextDecoder().decode(bytes.subarray(head, tail));
}

function newlines(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === 10).length;
}

const shownLength = 60;

/** Those that the server does not take. Types of parameters are for the server to find. */
export async function brokenQueries(
  session: Session,
  queries: readonly Query[],
): Promise<ReadonlyMap<Query, BrokenQuery>> {
  const broken = new Map<Query, BrokenQuery>();
  for (const query of queries) {
    const { path, line, sql } = query;
    const sent = await session.send(`prepare pgmate_query as ${sql}\n;\ndeallocate pgmate_query`);
    if (sent.kind === "done") continue;
    if (session.transactionState !== "I") await session.send("rollback");
    const words = sql.replaceAll(/\s+/g, " ");
    const shown = words.length > shownLength ? `${words.slice(0, shownLength)}…` : words;
    broken.set(query, { path, line, text: shown, message: sent.message.message });
  }
  return broken;
}
