/** Asks the catalog what a statement that must run alone is about, and what became of it. */

import type { AloneStatement } from "../core/alone-statement.ts";
import { quoteLiteral } from "../core/identifier.ts";
import { isChosenName, isReindexLeftover, type UnitNote } from "../core/unit-note.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";

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
  const nothing = { alone, relation: undefined, partition: undefined, invalid: [], indexes: [] };
  switch (alone.kind) {
    case "create-index": {
      const relation = await relationNamed(session, alone.table);
      const [invalid, own] = [await indexes(session, "not i.indisvalid"), relation === undefined
        ? []
        : await indexes(session, `i.indrelid = ${relation}`)];
      return { ...nothing, relation, invalid: oids(invalid), indexes: oids(own) };
    }
    case "reindex":
    case "drop-index": {
      const name = alone.kind === "reindex" ? alone.relation : alone.index;
      const relation = name === undefined ? undefined : await relationNamed(session, name);
      return { ...nothing, relation, invalid: oids(await indexes(session, "not i.indisvalid")) };
    }
    case "detach":
      return {
        ...nothing,
        relation: await relationNamed(session, alone.table),
        partition: await relationNamed(session, alone.partition),
      };
    default:
      return nothing;
  }
}

function oids(found: readonly PlainIndex[]): readonly number[] {
  return found.map(({ oid }) => oid);
}

/** By the session's own search path; undefined for what is not there, or cannot be read. */
async function relationNamed(session: Session, name: string): Promise<number | undefined> {
  try {
    const [row] = await session.rowsWithin(
      `select pg_catalog.to_regclass(${quoteLiteral(name)})::pg_catalog.oid::pg_catalog.text as oid`,
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
    const where = relation === undefined
      ? "not i.indisvalid"
      : "not i.indisvalid and i.indrelid = coalesce(" +
        `(select x.indrelid from pg_index x where x.indexrelid = ${relation}), ${relation})`;
    const left = (await indexes(session, where)).find(({ name }) => isReindexLeftover(name));
    if (left !== undefined) throw foreignIndex(left, "rebuilt");
  }
  if (alone.kind === "detach" && relation !== undefined) {
    const [pending] = await pendingDetaches(session, relation);
    if (pending !== undefined) throw foreignDetach(pending);
  }
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
    `c.relname = (parse_ident(${name}))[1] ` +
      `and c.relnamespace = (select t.relnamespace from pg_class t where t.oid = ${table})`,
  );
}

function foreignIndex(index: PlainIndex, verb: "built" | "rebuilt"): PgmateError {
  const { sqlName, sqlTable } = index;
  return new PgmateError(
    "invalid-index",
    `the index ${sqlName} on ${sqlTable} is INVALID, and this run did not leave it so`,
    {
      hint:
        `if nobody is building it now: \`drop index concurrently ${sqlName};\`` +
        (verb === "built" ? ` or \`reindex index concurrently ${sqlName};\`` : ""),
    },
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
      return settleCreated(session, note, alone.index);
    case "drop-index":
      return note.relation !== undefined && (await isGone(session, note.relation))
        ? done
        : toNothing;
    case "reindex": {
      const invalid = await indexes(session, "not i.indisvalid");
      const leftovers = invalid.filter(
        ({ oid, name }) => isReindexLeftover(name) && !note.invalid.includes(oid),
      );
      return { ...toNothing, leftovers };
    }
    case "detach":
      return settleDetached(session, note);
    case "exists":
    case "gone": {
      const there = await isThere(session, alone.object, alone.name);
      return there === (alone.kind === "exists") ? done : toNothing;
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
  name: string | undefined,
): Promise<Settled> {
  const table = tableOf(note);
  if (table === undefined) return toNothing;
  const found = name === undefined
    ? (await indexes(session, `i.indrelid = ${table}`)).filter((one) => isChosenName(one.name))
    : (await sameNamed(session, table, name)).filter((one) => one.table === table);
  const made = found.filter(
    ({ oid }) => !note.indexes.includes(oid) && !note.invalid.includes(oid),
  );
  const leftovers = made.filter(({ valid }) => !valid);
  if (leftovers.length === 0 && made.length > 0) return done;
  return { ...toNothing, leftovers };
}

async function settleDetached(session: Session, note: UnitNote): Promise<Settled> {
  const { partition } = note;
  const table = tableOf(note);
  if (table === undefined || !Number.isInteger(partition)) return toNothing;
  const [row] = await session.rows(
    `select inhdetachpending as pending from pg_inherits
      where inhparent = ${table} and inhrelid = ${partition}`,
  );
  if (row === undefined) return done;
  if (row["pending"] !== true) return toNothing;
  const [half] = (await pendingDetaches(session, table)).filter(
    (one) => one.partition === partition,
  );
  if (half === undefined) return done;
  const finish =
    `alter table ${half.sqlTable} detach partition ${half.sqlPartition} finalize`;
  return { ...done, finish };
}

/** A number, whatever a hand may have written into the journal. */
function tableOf({ relation }: UnitNote): number | undefined {
  return Number.isInteger(relation) ? relation : undefined;
}

async function isGone(session: Session, relation: number): Promise<boolean> {
  const rows = await session.rows(
    `select 1 as found from pg_class where oid = ${Math.trunc(relation)}`,
  );
  return rows.length === 0;
}

const catalogs = {
  // One whose drop was interrupted is marked so, and no session can open it.
  database: (name: string) => `pg_database where datname = ${name} and datconnlimit <> -2`,
  tablespace: (name: string) => `pg_tablespace where spcname = ${name}`,
  subscription: (name: string) =>
    `pg_subscription where subname = ${name} ` +
    "and subdbid = (select oid from pg_database where datname = current_database())",
} as const;

async function isThere(
  session: Session,
  object: keyof typeof catalogs,
  name: string,
): Promise<boolean> {
  const from = catalogs[object](quoteLiteral(name));
  return (await session.rows(`select 1 as found from ${from}`)).length > 0;
}

/**
 * Throws `invalid-index` unless what the statement built is valid: the server's word for it is
 * that it was done, but IF NOT EXISTS passes over what somebody is building.
 */
export async function refuseInvalidResult(session: Session, note: UnitNote): Promise<void> {
  const { alone } = note;
  const table = tableOf(note);
  if (alone.kind !== "create-index" || table === undefined) return;
  const found = alone.index === undefined
    ? await indexes(session, `i.indrelid = ${table}`)
    : await sameNamed(session, table, alone.index);
  const bad = found.find(({ oid, valid }) => !valid && !note.invalid.includes(oid));
  if (bad !== undefined) throw foreignIndex(bad, "built");
}
