/** Asks the catalog what a statement that must run alone is about, and what became of it. */

import type { AloneStatement } from "../core/alone-statement.ts";
import { quoteLiteral } from "../core/identifier.ts";
import { isChosenName, isReindexLeftover, type UnitNote } from "../core/unit-note.ts";
import { PgmateError } from "../errors.ts";
import { indexesLike, type WantedIndex } from "./index-definition.ts";
import type { Session } from "./session.ts";
import { foreignIndex } from "./unit-error.ts";

/** An index of a plain kind: neither partitioned nor part of a partitioned one. */
export interface PlainIndex {
  readonly oid: number;
  readonly name: string;
  /** With its schema, as SQL writes it. */
  readonly sqlName: string;
  readonly table: number;
  /** That of the rows where the index is of their TOAST table, which nobody may lock. */
  readonly sqlTable: string;
  readonly valid: boolean;
}

const indexSql = `
  select i.indexrelid::text as oid, c.relname as name, i.indrelid::text as table,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) as sql_name,
         coalesce((select o.oid from pg_class o where o.reltoastrelid = i.indrelid),
                  i.indrelid)::regclass::text as sql_table,
         i.indisvalid as valid
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'i'
     and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)`;

async function indexes(session: Session, condition: string): Promise<readonly PlainIndex[]> {
  const rows = await session.rows(`${indexSql} and ${condition} order by i.indexrelid`);
  return rows.map(
    (row): PlainIndex => ({
      oid: Number(row["oid"]),
      name: String(row["name"]),
      sqlName: String(row["sql_name"]),
      table: Number(row["table"]),
      sqlTable: String(row["sql_table"]),
      valid: row["valid"] === true,
    }),
  );
}

export async function findIndex(
  session: Session,
  oid: number,
): Promise<PlainIndex | undefined> {
  return (await indexes(session, `i.indexrelid = ${oid}`))[0];
}

/** To be called where the statement is about to run: names mean what they mean to it then. */
export async function takeNote(session: Session, alone: AloneStatement): Promise<UnitNote> {
  const nothing = {
    alone, relation: undefined, partition: undefined, existed: false, invalid: [], indexes: [],
  };
  switch (alone.kind) {
    case "create-index": {
      const relation = await relationNamed(session, alone.table);
      if (relation === undefined) return nothing;
      const own = await indexes(session, `i.indrelid = ${relation}`);
      return { ...nothing, relation, indexes: oids(own) };
    }
    case "drop-index":
      return { ...nothing, relation: await relationNamed(session, alone.index) };
    case "reindex": {
      const relation = await reindexedTable(session, alone.relation);
      return { ...nothing, relation, invalid: oids(await indexes(session, "not i.indisvalid")) };
    }
    case "detach": {
      const relation = await relationNamed(session, alone.table);
      const partition = await relationNamed(session, alone.partition);
      const isPart = relation !== undefined && partition !== undefined &&
        (await attachment(session, relation, partition)) !== undefined;
      return { ...nothing, relation, partition: isPart ? partition : undefined };
    }
    case "exists":
    case "gone":
      return { ...nothing, existed: await isThere(session, alone.object, alone.name, "at all") };
    default:
      return nothing;
  }
}

/** An index that is built anew gets another object id; its table stays what it is. */
async function reindexedTable(
  session: Session,
  name: string | undefined,
): Promise<number | undefined> {
  const relation = name === undefined ? undefined : await relationNamed(session, name);
  if (relation === undefined) return undefined;
  const [row] = await session.rows(
    `select indrelid::text as oid from pg_index where indexrelid = ${relation}`,
  );
  return row === undefined ? relation : Number(row["oid"]);
}

function oids(found: readonly PlainIndex[]): readonly number[] {
  return found.map(({ oid }) => oid);
}

/** By the session's own search path; undefined for what is not there, or cannot be read. */
async function relationNamed(session: Session, name: string): Promise<number | undefined> {
  try {
    const [row] = await session.rowsWithin(
      `select pg_catalog.to_regclass(${quoteLiteral(name)})` +
        "::pg_catalog.oid::pg_catalog.text as oid",
    );
    return typeof row?.["oid"] === "string" ? Number(row["oid"]) : undefined;
  } catch (error) {
    if (error instanceof PgmateError && error.code === "server") return undefined;
    throw error;
  }
}

/** Throws `invalid-index` for what would make the statement pass over, or trip over, somebody's. */
export async function refuseForeignLeftover(session: Session, note: UnitNote): Promise<void> {
  const { alone, relation } = note;
  if (alone.kind === "create-index" && alone.index !== undefined && relation !== undefined) {
    const [found] = await sameNamed(session, relation, alone.index);
    if (found !== undefined && !found.valid) throw foreignIndex(found, "built");
  }
  if (alone.kind === "reindex") {
    const [left] = await reindexLeftovers(session, note);
    if (left !== undefined) throw foreignIndex(left, "rebuilt");
  }
  if (alone.kind === "detach" && relation !== undefined) {
    const [pending] = await pendingDetaches(session, relation);
    if (pending !== undefined) throw foreignDetach(pending);
  }
}

/**
 * Of what a REINDEX is about, with all partitions and TOAST tables: but what only a superuser may
 * drop, those of TOAST tables, must not keep the table's owner from going on.
 */
async function reindexLeftovers(
  session: Session,
  { alone, relation }: UnitNote,
): Promise<readonly PlainIndex[]> {
  if (alone.kind !== "reindex") return [];
  if (alone.relation !== undefined && relation === undefined) return [];
  const found = await indexes(
    session,
    "not i.indisvalid and has_schema_privilege(n.oid, 'usage') and i.indrelid in " +
      "(select unnest(array[p.oid, p.reltoastrelid]) from pg_class p " +
      `where ${reindexed(alone.schema, relation)})`,
  );
  return found.filter(({ name }) => isReindexLeftover(name));
}

/** Which tables are meant, as a condition on pg_class p. */
function reindexed(schema: string | undefined, relation: number | undefined): string {
  if (relation !== undefined) {
    const partitions = `select relid from pg_partition_tree(${relation}::regclass)`;
    return `p.oid = ${relation} or p.oid in (${partitions})`;
  }
  if (schema === undefined) return "true";
  return `p.relnamespace = (select oid from pg_namespace where nspname = ${nameLiteral(schema)})`;
}

/** Cut to 63 bytes where it is longer, as a name is where it is made. */
function nameLiteral(name: string): string {
  return `${quoteLiteral(name)}::name`;
}

/** An index's schema is its table's; the name is as the statement writes it. */
async function sameNamed(
  session: Session,
  table: number,
  written: string,
): Promise<readonly PlainIndex[]> {
  const name = quoteLiteral(written);
  return indexes(
    session,
    `c.relname = (parse_ident(${name}))[1]::name ` +
      `and c.relnamespace = (select t.relnamespace from pg_class t where t.oid = ${table})`,
  );
}

interface PendingDetach {
  readonly sqlTable: string;
  readonly sqlPartition: string;
  readonly partition: number;
}

async function pendingDetaches(
  session: Session,
  table: number,
): Promise<readonly PendingDetach[]> {
  const rows = await session.rows(
    `select inhrelid::text as partition, inhrelid::regclass::text as sql_partition,
            inhparent::regclass::text as sql_table
       from pg_inherits where inhparent = ${table} and inhdetachpending`,
  );
  return rows.map((row) => ({
    partition: Number(row["partition"]),
    sqlPartition: String(row["sql_partition"]),
    sqlTable: String(row["sql_table"]),
  }));
}

function foreignDetach({ sqlTable, sqlPartition }: PendingDetach): PgmateError {
  return new PgmateError(
    "invalid-index",
    `the partition ${sqlPartition} of ${sqlTable} is half detached, and not by this run`,
    { hint: `\`alter table ${sqlTable} detach partition ${sqlPartition} finalize;\`` },
  );
}

/** What a try at the statement came to. */
export interface Settled {
  /** `ask`: it cannot be told. */
  readonly came: "done" | "to nothing" | "ask";
  /** Invalid indexes that it left, to be dropped before it runs again. */
  readonly leftovers: readonly PlainIndex[];
  /** SQL that ends what it had half done; it is done then. */
  readonly finish: string | undefined;
}

const toNothing: Settled = { came: "to nothing", leftovers: [], finish: undefined };
const done: Settled = { ...toNothing, came: "done" };

/** To be asked when the session that ran it is gone, or has answered. */
export async function settle(session: Session, note: UnitNote): Promise<Settled> {
  const { alone } = note;
  switch (alone.kind) {
    case "create-index":
      return settleCreated(session, note, alone);
    case "drop-index":
      return note.relation !== undefined && (await isGone(session, note.relation))
        ? done
        : toNothing;
    case "reindex": {
      const left = await reindexLeftovers(session, note);
      return { ...toNothing, leftovers: left.filter(({ oid }) => !note.invalid.includes(oid)) };
    }
    case "detach":
      return settleDetached(session, note);
    case "exists": {
      const isDone = !note.existed && (await isThere(session, alone.object, alone.name, "whole"));
      return isDone ? done : toNothing;
    }
    case "gone": {
      const isLeft = await isThere(session, alone.object, alone.name, "at all");
      return note.existed && !isLeft ? done : toNothing;
    }
    case "repeatable":
      return toNothing;
    default:
      return { ...toNothing, came: "ask" };
  }
}

async function settleCreated(
  session: Session,
  note: UnitNote,
  wanted: Extract<AloneStatement, { kind: "create-index" }>,
): Promise<Settled> {
  const found = await indexesMade(session, note, wanted.index);
  const made = note.relation === undefined || found.length === 0
    ? found
    : await likeWanted(session, note.relation, { found, wanted });
  const leftovers = made.filter(({ valid }) => !valid);
  if (leftovers.length === 0 && made.length > 0) return done;
  return { ...toNothing, leftovers };
}

/** Without what somebody else has built meanwhile, of the same name or of one that was chosen. */
async function likeWanted(
  session: Session,
  table: number,
  { found, wanted }: { readonly found: readonly PlainIndex[]; readonly wanted: WantedIndex },
): Promise<readonly PlainIndex[]> {
  const like = await indexesLike(session, table, wanted);
  return like === undefined ? found : found.filter(({ oid }) => like.includes(oid));
}

/** What the table has and had not; without a name what has one that the server may choose. */
async function indexesMade(
  session: Session,
  { relation, indexes: known }: UnitNote,
  name: string | undefined,
): Promise<readonly PlainIndex[]> {
  if (relation === undefined) return [];
  const found = name === undefined
    ? (await indexes(session, `i.indrelid = ${relation}`)).filter((one) => isChosenName(one.name))
    : (await sameNamed(session, relation, name)).filter(({ table }) => table === relation);
  return found.filter(({ oid }) => !known.includes(oid));
}

async function settleDetached(
  session: Session,
  { relation, partition }: UnitNote,
): Promise<Settled> {
  if (relation === undefined || partition === undefined) return toNothing;
  const found = await attachment(session, relation, partition);
  if (found === undefined) return done;
  if (found === "whole") return toNothing;
  const [half] = (await pendingDetaches(session, relation)).filter(
    (one) => one.partition === partition,
  );
  if (half === undefined) return done;
  const finish =
    `alter table ${half.sqlTable} detach partition ${half.sqlPartition} finalize`;
  return { ...done, finish };
}

/** Undefined for what is no partition of the table. */
async function attachment(
  session: Session,
  table: number,
  partition: number,
): Promise<"whole" | "pending" | undefined> {
  const [row] = await session.rows(
    `select inhdetachpending as pending from pg_inherits
      where inhparent = ${table} and inhrelid = ${partition}`,
  );
  if (row === undefined) return undefined;
  return row["pending"] === true ? "pending" : "whole";
}

async function isGone(session: Session, relation: number): Promise<boolean> {
  const rows = await session.rows(
    `select 1 as found from pg_class where oid = ${relation}`,
  );
  return rows.length === 0;
}

const catalogs = {
  database: "pg_database where datname = ",
  tablespace: "pg_tablespace where spcname = ",
  subscription:
    "pg_subscription where subdbid = " +
    "(select oid from pg_database where datname = current_database()) and subname = ",
} as const;

async function isThere(
  session: Session,
  object: keyof typeof catalogs,
  name: string,
  wanted: "whole" | "at all",
): Promise<boolean> {
  // One whose drop was interrupted is marked so, and no session can open it.
  const rest = object === "database" && wanted === "whole" ? " and datconnlimit <> -2" : "";
  const from = `${catalogs[object]}${nameLiteral(name)}${rest}`;
  return (await session.rows(`select 1 as found from ${from}`)).length > 0;
}

/**
 * Throws `invalid-index` unless what the statement built is valid: the server's word for it is
 * that it was done, but IF NOT EXISTS passes over what somebody is building.
 */
export async function refuseInvalidResult(session: Session, note: UnitNote): Promise<void> {
  const { alone, relation } = note;
  if (alone.kind !== "create-index" || relation === undefined) return;
  const found = alone.index === undefined
    ? await indexesMade(session, note, undefined)
    : await sameNamed(session, relation, alone.index);
  const bad = found.find(({ valid }) => !valid);
  if (bad !== undefined && !found.some(({ valid }) => valid)) throw foreignIndex(bad, "built");
}
