/** What a statement did, as the server saw it: locks, new files on disk, scans. */

import { relationName } from "../core/review/relation-name.ts";
import { type Effects, type LockMode, lockModes, lockRank } from "../core/review/rule.ts";
import { catalogRows } from "./catalog-query.ts";
import type { Session } from "./session.ts";

/** All relations of users at one moment, and what this session holds of them. */
export interface Snapshot {
  readonly relations: ReadonlyMap<number, SeenRelation>;
  /** The strongest that is held of each. */
  readonly locks: ReadonlyMap<number, LockMode>;
}

interface SeenRelation {
  readonly name: string;
  readonly isIndex: boolean;
  /** Another one after a rewrite. */
  readonly file: string;
  /** Of a table how often it was read from end to end, of an index how often it was used. */
  readonly scans: number;
}

export interface SeenEffects extends Effects {
  /** Apart, since whatever touches a table opens its indexes too. */
  readonly onIndexes: Effects;
}

/** `within` counts since the transaction began; `outside` all scans of all times. */
function snapshotSql(counted: "within" | "outside"): string {
  const scans =
    counted === "within" ? "pg_stat_get_xact_numscans(c.oid)" : "pg_stat_get_numscans(c.oid)";
  return `
    select coalesce((
             select json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind::text,
                                              c.relfilenode::int8, ${scans}))
               from pg_class c
               join pg_namespace n on n.oid = c.relnamespace
              where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
           ), '[]')::text as relations,
           coalesce((
             select json_agg(json_build_array(l.relation::int8, l.mode))
               from pg_locks l
              where l.locktype = 'relation' and l.granted and l.pid = pg_backend_pid()
                and l.database = (select oid from pg_database
                                   where datname = current_database())
                and l.mode <> 'SIReadLock'
           ), '[]')::text as locks`;
}

type RelationRow = readonly [
  oid: number, schema: string, name: string, kind: string, file: number, scans: number,
];
type LockRow = readonly [oid: number, mode: string];

/** One round trip, or two in a transaction; it takes no lock of a user's relation. */
export async function takeSnapshot(session: Session): Promise<Snapshot> {
  const isWithin = session.transactionState !== "I";
  // What was counted lies in the session until it is idle for a while, or is told to give it.
  if (!isWithin) await session.send("select pg_catalog.pg_stat_force_next_flush()");
  const [row] = await catalogRows(session, snapshotSql(isWithin ? "within" : "outside"));
  const seen = JSON.parse(String(row?.["relations"] ?? "[]")) as readonly RelationRow[];
  const held = JSON.parse(String(row?.["locks"] ?? "[]")) as readonly LockRow[];
  const relations = new Map(seen.map(([oid, schema, name, kind, file, scans]) => [
    oid,
    {
      name: relationName(schema, name),
      isIndex: kind === "i" || kind === "I",
      file: String(file),
      scans,
    },
  ]));
  return { relations, locks: strongest(held) };
}

function strongest(held: readonly LockRow[]): ReadonlyMap<number, LockMode> {
  const locks = new Map<number, LockMode>();
  for (const [oid, name] of held) {
    const mode = lockModeOf(name);
    const known = locks.get(oid);
    if (mode === undefined) continue;
    if (known === undefined || lockRank(mode) > lockRank(known)) locks.set(oid, mode);
  }
  return locks;
}

/** pg_locks says `ShareRowExclusiveLock`. */
export function lockModeOf(name: string): LockMode | undefined {
  const words = name.replace(/Lock$/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toUpperCase();
  return lockModes.find((mode) => mode === words);
}

/** Only what is there before counts, under the names that it has then. */
export function effectsBetween(before: Snapshot, after: Snapshot): SeenEffects {
  return { ...effects(before, after, "tables"), onIndexes: effects(before, after, "indexes") };
}

function effects(before: Snapshot, after: Snapshot, kind: "tables" | "indexes"): Effects {
  const seen = [...before.relations].filter(([, { isIndex }]) => isIndex === (kind === "indexes"));
  return {
    locks: seen.flatMap(([oid, { name: relation }]) => {
      const had = before.locks.get(oid);
      const mode = after.locks.get(oid);
      const isMore = mode !== undefined && (had === undefined || lockRank(mode) > lockRank(had));
      return isMore ? { relation, mode } : [];
    }),
    rewrites: seen.flatMap(([oid, { name, file }]) => {
      const now = after.relations.get(oid);
      return now !== undefined && now.file !== file ? name : [];
    }),
    scans: seen.flatMap(([oid, { name, scans }]) => {
      const now = after.relations.get(oid);
      return now !== undefined && now.scans > scans ? name : [];
    }),
  };
}
