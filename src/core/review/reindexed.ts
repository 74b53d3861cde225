/** What REINDEX builds anew: the tables that are read, and their indexes. */

import type { ReindexStmt } from "libpg-query";
import type { Action } from "./action.ts";
import { partsOfName } from "./relation-name.ts";
import type { Known } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { bodyOf } from "./statement-node.ts";
import { withAncestors } from "./table-ancestry.ts";
import { storedTables, tableFamily } from "./table-locks.ts";

export interface Reindexed {
  /** As SQL names it: `index app.orders_code_idx`, `schema app`. */
  readonly target: string;
  /** A partitioned one is gone through partition by partition, as a schema is table by table. */
  readonly kind: "index" | "table" | "schema" | "database";
  /** Set where it is about one table: the others are its partitions. */
  readonly table: string | undefined;
  readonly isPartitioned: boolean;
  /** All that are locked; empty where they are not known. */
  readonly tables: readonly string[];
  /** Those of them that are read, since they have an index. */
  readonly read: readonly string[];
  readonly indexes: readonly string[];
  readonly isConcurrent: boolean;
}

export function reindexed(action: Action, { schema }: Known): Reindexed | undefined {
  const node = bodyOf(action, "ReindexStmt");
  if (node === undefined) return undefined;
  const isConcurrent = hasConcurrently(node);
  if (node.relation === undefined) return { ...many(schema, node), isConcurrent };
  const name = schema.nameOf(node.relation);
  const kind = node.kind === "REINDEX_OBJECT_INDEX" ? "index" : "table";
  const table = kind === "index" ? schema.index(name)?.table : name;
  const base = { target: `${kind} ${name}`, kind, table, isConcurrent } as const;
  if (table === undefined) {
    return { ...base, isPartitioned: false, tables: [], read: [], indexes: [name] };
  }
  const isPartitioned = schema.relation(table).kind === "partitioned-table";
  const tables = tableFamily(schema, table);
  const stored = storedTables(schema, tables);
  if (kind === "table") {
    const read = stored.filter((one) => hasIndex(schema, one));
    return { ...base, isPartitioned, tables, read, indexes: indexesOf(schema, read) };
  }
  // Which index of a partition belongs to the parent's is not known.
  return { ...base, isPartitioned, tables, read: stored, indexes: isPartitioned ? [] : [name] };
}

/** Partitioned tables themselves are passed over, since their partitions are there as well. */
function many(
  schema: SchemaModel,
  { kind, name = "" }: ReindexStmt,
): Omit<Reindexed, "isConcurrent"> {
  const ofSchema = kind === "REINDEX_OBJECT_SCHEMA";
  const isSystem = kind === "REINDEX_OBJECT_SYSTEM";
  const tables = schema.relations()
    .filter((one) => one.kind === "table" || one.kind === "materialized-view")
    .map((one) => one.name)
    .filter((one) => !isSystem && (!ofSchema || partsOfName(one).schema === name));
  const read = tables.filter((one) => hasIndex(schema, one));
  return {
    target: ofSchema ? `schema ${name}` : isSystem ? "the system catalogs" : "the whole database",
    kind: ofSchema ? "schema" : "database",
    table: undefined,
    isPartitioned: false,
    tables,
    read,
    indexes: indexesOf(schema, read),
  };
}

function indexesOf(schema: SchemaModel, tables: readonly string[]): readonly string[] {
  return tables.flatMap((table) => schema.indexesOf(table).map(({ name }) => name));
}

/** A partition has those of its parent, which files name only there; an unknown table has one. */
function hasIndex(schema: SchemaModel, table: string): boolean {
  return !schema.isKnown(table) ||
    withAncestors(schema, table).some(({ name }) => schema.indexesOf(name).length > 0);
}

/** REINDEX INDEX CONCURRENTLY, and REINDEX (CONCURRENTLY) with or without a value. */
function hasConcurrently({ params }: ReindexStmt): boolean {
  const last = (params ?? []).flatMap((node) =>
    "DefElem" in node && node.DefElem.defname === "concurrently" ? node.DefElem : [],
  ).at(-1);
  if (last === undefined) return false;
  const { arg } = last;
  if (arg === undefined) return true;
  if ("Integer" in arg) return arg.Integer.ival === 1;
  if ("Boolean" in arg) return arg.Boolean.boolval === true;
  return "String" in arg && ["true", "on", "1"].includes(arg.String.sval?.toLowerCase() ?? "");
}
