/** What is to be said where the role may not read a table of pgmate's. */

import { quoteTable, type TableName } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";

/** The error as it is where it is about something else. */
export function readDenied(table: TableName, error: unknown): unknown {
  if (!(error instanceof PgmateError) || error.server?.code !== "42501") return error;
  const name = quoteTable(table);
  // A role may have every right on the table, and yet not see all of its rows.
  const isHidden = error.server.message.includes("row-level security");
  return new PgmateError("ledger-denied", `this role may not read ${name}`, {
    server: error.server,
    hint: isHidden
      ? "its policies hide rows, and all are needed: run as its owner or a role with bypassrls, " +
        `or \`alter table ${name} disable row level security;\``
      : `grant select on ${name} to the role that runs this, and usage on its schema`,
    state: "nothing was changed",
    cause: error,
  });
}
