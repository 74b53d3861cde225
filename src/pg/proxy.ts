/** A pooler in between: proven to keep one backend for one client, or refused before anything. */

import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";

const probeSql =
  "select pg_catalog.pg_backend_pid()::pg_catalog.text as pid, " +
  "pg_catalog.current_setting('pgmate.probe', true) as probe";

/** A pool whose backends are all taken lets a second client wait for minutes. */
const probeWaitMs = 3_000;

/**
 * Called when the key data named another process than the one that answers. While this session
 * sits idle a second one begins a transaction: in transaction mode it is given the very backend
 * that this session just used, and in statement mode it is refused. Throws `connect-proxy`. A
 * second session that gets no backend leaves the question open; then each step's check of its
 * two locks has to answer it.
 */
export async function refuseSharedBackend(
  session: Session,
  open: () => Promise<Session>,
): Promise<void> {
  await session.send("select pg_catalog.set_config('pgmate.probe', 'mine', false)");
  const [before] = await session.rows(probeSql);
  const other = await open();
  try {
    const opened = await withinProbe(
      other.open("select pg_catalog.pg_backend_pid()::pg_catalog.text as pid"),
    );
    if (opened === undefined) return;
    const begun = await isDone(other, "begin; select 1");
    const [after] = await session.rows(probeSql);
    const moved = after?.["pid"] !== before?.["pid"] || after?.["probe"] !== "mine";
    if (!begun || moved || opened[0]?.["pid"] === before?.["pid"]) throw shared();
  } finally {
    await other.end();
  }
}

/** Undefined for what does not come in time, or fails. */
function withinProbe<Value>(work: Promise<Value>): Promise<Value | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, probeWaitMs);
  return Promise.race([work.catch(() => undefined), promise]).finally(() => clearTimeout(timer));
}

async function isDone(session: Session, sql: string): Promise<boolean> {
  try {
    return (await session.send(sql)).kind === "done";
  } catch (error) {
    if (error instanceof PgmateError) return false;
    throw error;
  }
}

function shared(): PgmateError {
  return new PgmateError(
    "connect-proxy",
    "a connection pooler that shares backends stands between pgmate and the server",
    {
      hint:
        "connect to Postgres directly (its own port, usually 5432) or through a pool in session " +
        "mode: the run lock and session settings need one backend for the whole run",
      state: "nothing was changed",
    },
  );
}
