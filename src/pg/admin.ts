/** Makes and drops databases, from a session on another database of the server. */

import { quoteIdentifier } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";

/** Throws `database-exists`; another session on template1 is waited for by the server itself. */
export async function createDatabase(session: Session, name: string): Promise<void> {
  const sent = await session.send(`create database ${quoteIdentifier(name)}`);
  if (sent.kind === "done") return;
  const { message } = sent;
  // Two that create it at once: the loser sees the catalog's unique index instead.
  const exists = message.code === "42P04" || message.code === "23505";
  if (exists) {
    throw new PgmateError("database-exists", `database ${quoteIdentifier(name)} already exists`, {
      server: message,
      hint: "to start anew: pgmate drop, then pgmate create",
      state: "nothing was changed",
    });
  }
  throw new PgmateError(
    "server",
    `database ${quoteIdentifier(name)} could not be made: ${message.message}`,
    {
      server: message,
      hint:
        message.code === "42501"
          ? "the role needs CREATEDB; or let somebody else create the database"
          : "run again, or create the database with your server's own tools",
      state: "nothing was changed",
    },
  );
}

/** No error where it does not exist. Throws `database-in-use` unless `sessions` are ended. */
export async function dropDatabase(
  session: Session,
  name: string,
  sessions: "keep" | "end",
): Promise<void> {
  const force = sessions === "end" ? " with (force)" : "";
  const sent = await session.send(`drop database if exists ${quoteIdentifier(name)}${force}`);
  if (sent.kind === "done") return;
  const { message } = sent;
  if (message.code === "55006") {
    throw new PgmateError("database-in-use", message.message, {
      server: message,
      hint: "end the other sessions, or let pgmate do it: `pgmate drop --force`",
      state: "the database is as it was",
    });
  }
  throw new PgmateError(
    "server",
    `database ${quoteIdentifier(name)} could not be dropped: ${message.message}`,
    {
      server: message,
      hint:
        message.code === "42501"
          ? "only the database's owner or a superuser may drop it"
          : "look at what the server said; the database is still there",
      state: "the database is as it was",
    },
  );
}
