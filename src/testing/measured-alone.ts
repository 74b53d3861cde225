/** Watches a statement that no transaction can hold, by making it wait for each of its locks. */

import { relationName } from "../core/review/relation-name.ts";
import { type LockMode, lockRank, type RelationLock } from "../core/review/rule.ts";
import { effectsBetween, lockModeOf, type SeenEffects, takeSnapshot } from "../pg/measure.ts";
import type { Session } from "../pg/session.ts";
import { openSession, sent, type Stage } from "./measured-server.ts";
import type { ServerVersion } from "./servers.ts";

/** Stands in the way of the statement until it is told to go, step by step. */
interface Holder {
  readonly session: Session;
  readonly pid: number;
  /** What lets go, one after another. */
  readonly steps: string[];
}

const pollMs = 2;
const patienceMs = 90_000;

/**
 * Its locks are gone when it ends, so that they must be seen while it waits. On each table stands
 * a session that has read it, which stops ACCESS EXCLUSIVE, also of its indexes, and that holds
 * SHARE UPDATE EXCLUSIVE, which stops everything from there on; another session keeps a snapshot.
 * Each lets go only when the statement waits for it: first of the one lock, then of the other.
 */
export async function effectsAlone(
  version: ServerVersion,
  { database, session }: Stage,
  sql: string,
): Promise<SeenEffects> {
  const before = await takeSnapshot(session);
  const watcher = await openSession(version, database);
  const holders = await standInTheWay(version, database, schemasIn(sql));
  try {
    const seen = new SeenLocks();
    const pid = session.backendKey?.pid ?? 0;
    let hasEnded = false;
    const run = sent(session, sql).finally(() => {
      hasEnded = true;
    });
    // Looked at when the watching is over; until then its failure is nobody's.
    run.catch(() => undefined);
    const end = performance.now() + patienceMs;
    while (!hasEnded && performance.now() < end) {
      const blockers = await look(watcher, pid, seen);
      for (const holder of holders) if (blockers.includes(holder.pid)) await letGo(holder);
      if (blockers.length === 0) await Bun.sleep(pollMs);
    }
    await run;
    const after = await takeSnapshot(session);
    const effects = effectsBetween(before, after);
    const isIndex = new Map([...before.relations.values()].map((one) => [one.name, one.isIndex]));
    const locks = seen.all().filter(({ relation }) => isIndex.get(relation) === false);
    const indexLocks = seen.all().filter(({ relation }) => isIndex.get(relation) === true);
    return { ...effects, locks, onIndexes: { ...effects.onIndexes, locks: indexLocks } };
  } finally {
    await Promise.all([...holders.map((holder) => holder.session.end()), watcher.end()]);
  }
}

/** A statement that names no schema may touch all of them. */
function schemasIn(sql: string): readonly string[] {
  const all = ["app", "depot"];
  const named = all.filter((schema) => new RegExp(`\\b${schema}\\b`).test(sql));
  return named.length === 0 ? all : named;
}

async function standInTheWay(
  version: ServerVersion,
  database: string,
  schemas: readonly string[],
): Promise<readonly Holder[]> {
  const reader = await openHolder(version, database, [
    "begin isolation level repeatable read", "select 1 from pg_catalog.pg_class limit 1",
  ], ["rollback"]);
  const tables = await reader.session.rowsWithin(
    "select c.oid::regclass::text as name, c.relkind::text as kind from pg_catalog.pg_class c " +
      "join pg_catalog.pg_namespace n on n.oid = c.relnamespace " +
      `where n.nspname in ('${schemas.join("', '")}') and c.relkind in ('r', 'p', 'm')`,
  );
  const holders = tables.map(({ name, kind }) => {
    // Reading a partitioned table would lock its partitions as well.
    const reading =
      kind === "p" ? `lock only ${name} in access share mode` : `table ${name} limit 1`;
    const taking = ["begin", reading, "savepoint reading"];
    const steps = ["rollback to reading", "rollback"];
    // Nobody but readers can lock a materialized view.
    if (kind !== "m") taking.push(`lock only ${name} in share update exclusive mode`);
    return openHolder(version, database, taking, steps);
  });
  return [reader, ...(await Promise.all(holders))];
}

async function openHolder(
  version: ServerVersion,
  database: string,
  taking: readonly string[],
  steps: readonly string[],
): Promise<Holder> {
  const session = await openSession(version, database);
  // What it reads itself must not be counted as read by the statement.
  await sent(session, "set track_counts = off");
  await sent(session, taking.join("; "));
  return { session, pid: session.backendKey?.pid ?? 0, steps: [...steps] };
}

async function letGo({ session, steps }: Holder): Promise<void> {
  const step = steps.shift();
  if (step !== undefined) await sent(session, step);
}

/**
 * The sessions that the statement waits for; its locks, had and wanted, are noted. Those are
 * asked for second: what it waits for then it waits for until somebody lets go.
 */
async function look(watcher: Session, pid: number, seen: SeenLocks): Promise<readonly number[]> {
  const [waits] = await watcher.rows(`select pg_blocking_pids(${pid}) as blockers`);
  const locks = await watcher.rows(`
    select n.nspname, c.relname, l.mode
      from pg_locks l
      join pg_class c on c.oid = l.relation
      join pg_namespace n on n.oid = c.relnamespace
     where l.pid = ${pid} and l.locktype = 'relation'`);
  for (const { nspname, relname, mode } of locks) {
    const known = lockModeOf(String(mode));
    if (known !== undefined) seen.add(relationName(String(nspname), String(relname)), known);
  }
  return [...String(waits?.["blockers"]).matchAll(/\d+/g)].map(Number);
}

class SeenLocks {
  readonly #modes = new Map<string, LockMode>();

  add(relation: string, mode: LockMode): void {
    const known = this.#modes.get(relation);
    const isStronger = known === undefined || lockRank(mode) > lockRank(known);
    if (isStronger) this.#modes.set(relation, mode);
  }

  all(): readonly RelationLock[] {
    return [...this.#modes].map(([relation, mode]) => ({ relation, mode }));
  }
}
