/** A pooler in between: proven to keep one backend for one client, or refused before anything. */

import { PgmateError } from "../errors.ts";
import type { Row, Session } from "./session.ts";

/** A client of the pooler, with what its own answers have told of the backend behind it. */
interface Client {
  readonly session: Session;
  /** Process id, start, and the session's mark; undefined until it was asked. */
  backend: string | undefined;
  pid: string;
  /** When each of its messages began, by the server's clock. */
  readonly asked: Set<unknown>;
}

/** How often the two are asked in turn. */
const rounds = 3;

/** How often our session is asked while the probe waits for a backend, and the pauses between. */
const looksWhileWaiting = 8;
const looksWhileConnecting = 120;
const pauseMs = 25;
const longestWaitMs = 2_000;

/**
 * Called when the key data named another process than the one that answers. A second session, the
 * probe, goes through the pooler beside ours, and the two are asked in turn who serves them. A
 * pooler that shares backends gives itself away when the probe is given ours, when one of us is
 * given another one, or when a stranger's statement shows on a backend that sits idle for us. The
 * probe takes its first backend in a transaction that stays open, so that a pool which hands out
 * its idle backends in turn has to hand out ours. No backend for the probe, while ours goes on to
 * answer, is the proof of a full pool that keeps ours for us. Throws `connect-proxy`.
 *
 * Where no probe can connect, or role and server hide what others do, the question stays open;
 * then the run lock answers it: each step looks whether the lock is its backend's and its own.
 */
export async function refuseSharedBackend(
  session: Session,
  open: () => Promise<Session>,
): Promise<void> {
  // In statement mode a transaction cannot stay open.
  if (!(await isDone(session, "begin"))) throw shared();
  // Some poolers keep a backend for a client from the first setting of its own on.
  const mark = "select pg_catalog.set_config('pgmate.probe', 'mine', false)";
  if (!(await isDone(session, `rollback; ${mark}`))) throw shared();
  const ours = clientOf(session);
  await ask(ours, undefined);
  const opened = await unlessItFails(open());
  if (opened === undefined) {
    for (let asked = 0; asked < rounds * 2; asked += 1) await ask(ours, undefined);
    return;
  }
  try {
    await compare(ours, clientOf(opened));
  } finally {
    await opened.end();
  }
}

async function compare(ours: Client, probe: Client): Promise<void> {
  const first = await whileOursAnswers(ours, probe);
  if (first === undefined) return;
  note(probe, first, ours);
  // With the probe's backend taken, the pool would have to give us ours or a third one; if it has
  // none left for us, we are served when the probe lets go.
  const ourAnswer = ask(ours, probe);
  await Promise.race([ourAnswer.catch(() => {}), pause(longestWaitMs)]);
  const released = probe.session.rowsWithin(`rollback; begin; ${guard}; ${lookSql(ours)}; commit`);
  let row = await unlessItFails(rowOf(released));
  await ourAnswer;
  for (let round = 0; round < rounds && row !== undefined; round += 1) {
    note(probe, row, ours);
    // Twice in a row, since a pool that hands its backends out in turn may alternate with us.
    await ask(ours, probe);
    await ask(ours, probe);
    row = await unlessItFails(rowOf(probe.session.rows(lookSql(ours))));
  }
  if (row !== undefined) note(probe, row, ours);
}

function clientOf(session: Session): Client {
  return { session, backend: undefined, pid: "", asked: new Set() };
}

/** Nobody's function may stand in for Postgres' own. */
const guard = "set local search_path = pg_catalog, pg_temp";

/** What serves the one who asks, and when the other one's backend was last asked something. */
function lookSql(other: Client | undefined): string {
  const equals = "operator(pg_catalog.=)";
  const start = (column: string): string => `extract(epoch from ${column})::pg_catalog.text`;
  const beside =
    other === undefined
      ? "null::pg_catalog.text"
      : `(select ${start("o.query_start")} from pg_catalog.pg_stat_activity o` +
        ` where o.pid ${equals} ${other.pid} and not o.pid ${equals} a.pid)`;
  return (
    `select a.pid::pg_catalog.text as pid, ${start("a.backend_start")} as started,` +
    ` ${start("a.query_start")} as asked,` +
    ` pg_catalog.current_setting('pgmate.probe', true) as mark, ${beside} as beside` +
    ` from pg_catalog.pg_stat_activity a where a.pid ${equals} pg_catalog.pg_backend_pid()`
  );
}

async function ask(client: Client, other: Client | undefined): Promise<void> {
  note(client, await rowOf(client.session.rows(lookSql(other))), other);
}

async function rowOf(rows: Promise<readonly Row[]>): Promise<Row> {
  const [row] = await rows;
  if (row === undefined) throw new PgmateError("connect", "the server does not list its sessions");
  return row;
}

/** Remembers what a client was told, unless it shows that a backend has two masters. */
function note(client: Client, row: Row, other: Client | undefined): void {
  const backend = `${String(row["pid"])} ${String(row["started"])} ${String(row["mark"])}`;
  const isMoved = client.backend !== undefined && client.backend !== backend;
  const isOthers = other !== undefined && isServedBy(row, other);
  const beside = row["beside"] ?? undefined;
  const isUsed = beside !== undefined && other !== undefined && !other.asked.has(beside);
  if (isMoved || isOthers || isUsed) throw shared();
  client.backend = backend;
  client.pid = String(row["pid"]);
  client.asked.add(row["asked"]);
}

function isServedBy(row: Row, client: Client): boolean {
  const backend = `${String(row["pid"])} ${String(row["started"])} `;
  return client.backend?.startsWith(backend) === true;
}

/** Opens the probe's transaction; undefined when it gets no backend, and ours keeps answering. */
async function whileOursAnswers(ours: Client, probe: Client): Promise<Row | undefined> {
  const look = probe.session.rowsWithin(`begin; ${guard}; ${lookSql(ours)}`);
  const answers: (Row | undefined)[] = [];
  const answered = unlessItFails(rowOf(look)).then((row) => answers.push(row));
  for (let looks = 0; ; looks += 1) {
    await Promise.race([answered, pause(pauseMs)]);
    if (answers.length > 0) return answers[0];
    // Whoever has logged in waits for nothing but a backend; logging in itself may take its time.
    const isIn = probe.session.backendKey !== undefined;
    if (looks >= (isIn ? looksWhileWaiting : looksWhileConnecting)) return undefined;
    // In a pool that shares, ours is free after each of these, and the next in the queue gets it.
    const ourAnswer = ask(ours, undefined);
    await Promise.race([answered, ourAnswer.catch(() => {})]);
    // The probe may hold what ours waits for: then the wait would be for ever.
    const [row] = answers;
    if (row !== undefined && isServedBy(row, ours)) throw shared();
    await ourAnswer;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function unlessItFails<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PgmateError) return undefined;
    throw error;
  }
}

async function isDone(session: Session, sql: string): Promise<boolean> {
  return (await unlessItFails(session.send(sql)))?.kind === "done";
}

function shared(): PgmateError {
  return new PgmateError(
    "connect-proxy",
    "a connection pooler that shares backends stands between pgmate and the server",
    {
      hint:
        "connect to Postgres directly (its own port, usually 5432) or through a pool in session " +
        "mode (PgBouncer: pool_mode=session for this database or user): the run lock and session " +
        "settings need one backend for the whole run",
      state: "nothing was changed",
    },
  );
}
