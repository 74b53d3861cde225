/** Prepared statements of the session, which a rollback leaves as they are. */

import { quoteIdentifier } from "../core/identifier.ts";
import type { Session } from "./session.ts";

/** The names of those that PREPARE made. */
export async function preparedStatements(session: Session): Promise<readonly string[]> {
  const rows = await session.rows("select name from pg_prepared_statements where from_sql");
  return rows.map((row) => String(row["name"]));
}

/** Drops what was made since: it would be in the way of another try. */
export async function dropPrepared(session: Session, known: readonly string[]): Promise<void> {
  const found = await preparedStatements(session);
  const made = found.filter((name) => !known.includes(name));
  if (made.length === 0) return;
  await session.send(made.map((name) => `deallocate ${quoteIdentifier(name)}`).join(";\n"));
}
