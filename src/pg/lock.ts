/** The run lock: one run at a time per database and ledger, polled for, never queued for. */

import type { Clock } from "../core/clock.ts";
import { roughDuration } from "../core/duration.ts";
import { quoteTable, type TableName } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";
import type { Row, Session } from "./session.ts";

/** Who has the lock, as far as the role may see. */
export interface LockHolder {
  readonly pid: number;
  readonly applicationName: string | undefined;
  readonly user: string | undefined;
  readonly address: string | undefined;
  /** How long its session has been there, in milliseconds. */
  readonly sessionMs: number | undefined;
}

export interface LockOptions {
  readonly table: TableName;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called when the wait begins and then every ten seconds. */
  readonly onWait: (holder: LockHolder | undefined, waitedMs: number) => void;
}

/** Two advisory locks: the run's, which all know, and one on a key that only this run knows. */
export interface RunLock {
  /**
   * A statement that fails (22023, with `lostLockText`) unless this backend holds both, and
   * changes nothing otherwise. Advisory locks are re-entrant: through a pooler two clients hold
   * the run's lock on one backend, but never each other's second one.
   */
  readonly checkSql: string;
  release(): Promise<void>;
}

/** What the server's message holds when a check found a lock missing. */
export const lostLockText = "pgmate: the run lock is not held by this session";

const firstPauseMs = 50;
const longestPauseMs = 1_000;
const reportEveryMs = 10_000;

interface LockKey {
  readonly high: number;
  readonly low: number;
}

/** Throws `lock-timeout` with the holder's name; a lock taken is let go by `release`. */
export async function acquireRunLock(session: Session, options: LockOptions): Promise<RunLock> {
  const { clock } = options;
  const shared = runKey(options.table);
  const own: LockKey = { high: randomInt(clock), low: randomInt(clock) };
  const began = clock.now();
  let reportAt = began;
  let pauseMs = firstPauseMs;
  while (!(await tryLock(session, shared))) {
    const waitedMs = clock.now() - began;
    const holder = clock.now() >= reportAt ? await findHolder(session, shared) : undefined;
    if (waitedMs >= options.waitMs) throw await timedOut(session, shared, waitedMs);
    if (clock.now() >= reportAt) {
      options.onWait(holder, waitedMs);
      reportAt = clock.now() + reportEveryMs;
    }
    const jittered = pauseMs * (0.5 + clock.random());
    await clock.sleep(Math.min(jittered, options.waitMs - waitedMs), options.signal);
    if (options.signal.aborted) throw stopped();
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
  await tryLock(session, own);
  return {
    checkSql: checkSql([shared, own]),
    release: () => release(session, [own, shared]),
  };
}

function stopped(): PgmateError {
  return new PgmateError("interrupted", "interrupted while waiting", {
    state: "nothing was changed by this run",
  });
}

/** The server would give a lock to its holder again and again, whoever that speaks for. */
async function tryLock(session: Session, key: LockKey): Promise<boolean> {
  const [row] = await session.rows(
    `select case when exists (select from pg_catalog.pg_locks l where ${holderCondition(key)} ` +
      `and l.pid = pg_catalog.pg_backend_pid()) then 'held' ` +
      `when pg_catalog.pg_try_advisory_lock(${key.high}, ${key.low}) then 'taken' end as answer`,
  );
  if (row?.["answer"] === "held") throw heldThroughPooler();
  return row?.["answer"] === "taken";
}

function heldThroughPooler(): PgmateError {
  return new PgmateError(
    "connect-proxy",
    "a connection pooler gave this run a backend that holds the run lock for another run",
    {
      hint:
        "connect to Postgres directly, past the pooler; if no other run is under way, the pooler " +
        "does not reset its backends (PgBouncer: server_reset_query)",
      state: "nothing was changed by this run",
    },
  );
}

async function release(session: Session, keys: readonly LockKey[]): Promise<void> {
  if (session.isLost) return;
  // A lock that a migration has let go already would make the server warn.
  const calls = keys.map(
    (key) =>
      `case when exists (select from pg_catalog.pg_locks l where ${holderCondition(key)} ` +
      `and l.pid = pg_catalog.pg_backend_pid()) ` +
      `then pg_catalog.pg_advisory_unlock(${key.high}, ${key.low}) end`,
  );
  await session.rows(`select ${calls.join(", ")}`);
}

/** Two int4 keys, since they show in pg_locks as they were given (objsubid 2). */
function keyCondition(...keys: readonly LockKey[]): string {
  const either = keys.map(
    (key) => `l.classid ${equals} ${key.high >>> 0} and l.objid ${equals} ${key.low >>> 0}`,
  );
  return (
    `l.locktype ${equals} 'advisory' and l.granted and l.objsubid ${equals} 2 ` +
    `and (${either.join(" or ")})`
  );
}

/** Whoever holds it in this database. */
function holderCondition(key: LockKey): string {
  return (
    `${keyCondition(key)} and l.database ${equals} (select d.oid from pg_catalog.pg_database d ` +
    `where d.datname ${equals} pg_catalog.current_database())`
  );
}

/** The check runs under the session's own search path, which must not choose the operator. */
const equals = "operator(pg_catalog.=)";

function checkSql(keys: readonly LockKey[]): string {
  // One look for both: listing the locks of the whole server is what it costs. The view pg_locks
  // would be taken apart again after each change of a table. A backend has advisory locks in no
  // database but its own.
  const held =
    `(select pg_catalog.count(*) from pg_catalog.pg_lock_status() l ` +
    `where ${keyCondition(...keys)} ` +
    `and l.pid ${equals} pg_catalog.pg_backend_pid())`;
  return (
    `select pg_catalog.set_config('lock_timeout', case when ${held} ${equals} ${keys.length} ` +
    `then pg_catalog.current_setting('lock_timeout') else '${lostLockText}' end, true)`
  );
}

/** Who has the run lock of this ledger now; undefined where nobody has. */
export function findRunHolder(
  session: Session,
  table: TableName,
): Promise<LockHolder | undefined> {
  return findHolder(session, runKey(table));
}

/** The lock of all runs with this ledger in this database. */
function runKey(table: TableName): LockKey {
  return keyOf(`pgmate run ${quoteTable(table)}`);
}

async function findHolder(session: Session, key: LockKey): Promise<LockHolder | undefined> {
  const [row] = await session.rows(
    `select l.pid, a.application_name, a.usename::text as usename,
            pg_catalog.host(a.client_addr) as address,
            (extract(epoch from pg_catalog.clock_timestamp() - a.backend_start) * 1000)::float8
              as session_ms
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where ${holderCondition(key)} limit 1`,
  );
  return row === undefined ? undefined : holderOf(row);
}

function holderOf(row: Row): LockHolder {
  return {
    pid: Number(row["pid"]),
    applicationName: text(row["application_name"]),
    user: text(row["usename"]),
    address: text(row["address"]),
    sessionMs: typeof row["session_ms"] === "number" ? row["session_ms"] : undefined,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

async function timedOut(session: Session, key: LockKey, waitedMs: number): Promise<PgmateError> {
  const holder = await findHolder(session, key);
  const who = holder === undefined ? "another session" : describeHolder(holder);
  return new PgmateError(
    "lock-timeout",
    `another run is under way on this database: waited ${roughDuration(waitedMs)} for ${who}`,
    {
      hint: "run again when it is done, or wait longer: --lock-wait 30m",
      state: "nothing was changed by this run",
    },
  );
}

/** `pgmate 0.1.0 up host:123 (pid 99, user app, from 10.0.0.7, since 40 s)`. */
export function describeHolder(holder: LockHolder): string {
  const facts = [`pid ${holder.pid}`];
  if (holder.user !== undefined) facts.push(`user ${holder.user}`);
  if (holder.address !== undefined) facts.push(`from ${holder.address}`);
  if (holder.sessionMs !== undefined) facts.push(`since ${roughDuration(holder.sessionMs)}`);
  return `${holder.applicationName ?? "a session"} (${facts.join(", ")})`;
}

function keyOf(text: string): LockKey {
  const digest = new Bun.CryptoHasher("sha256").update(text).digest();
  return { high: digest.readInt32BE(0), low: digest.readInt32BE(4) };
}

function randomInt(clock: Clock): number {
  return Math.floor(clock.random() * 2 ** 32) - 2 ** 31;
}
