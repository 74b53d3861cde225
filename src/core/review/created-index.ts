/** What CREATE INDEX makes, on which tables, and whether one of its name is there already. */

import type { IndexStmt } from "libpg-query";
import type { Action } from "./action.ts";
import { adoptedIndexes } from "./adopted-parts.ts";
import { partsOfName, relationName } from "./relation-name.ts";
import type { Known } from "./rule.ts";
import type { Index, Relation } from "./schema-facts.ts";
import { storedTables, tableFamily } from "./table-locks.ts";

export interface CreatedIndex {
  readonly node: IndexStmt;
  readonly table: Relation;
  /** The table, with its partitions unless the statement says ONLY. */
  readonly tables: readonly string[];
  /** Those of them that are read: a partition that has the index already is not. */
  readonly read: readonly string[];
  /** The one that IF NOT EXISTS finds. */
  readonly found: Index | undefined;
  /** Whether it is what a failed build has left; a parent's may be invalid for good reason. */
  readonly isLeftover: boolean;
  /** `create index concurrently … on t`, as far as it can be told. */
  readonly concurrently: string;
}

export function createdIndex(action: Action, { schema }: Known): CreatedIndex | undefined {
  if (action.kind !== "statement" || !("IndexStmt" in action.tree)) return undefined;
  const node = action.tree.IndexStmt;
  const table = schema.relation(node.relation ?? {});
  const isOnly = node.relation?.inh !== true;
  const tables = isOnly ? [table.name] : tableFamily(schema, table.name);
  const taken = adoptedIndexes(schema, tables.slice(1), node);
  const name = relationName(partsOfName(table.name).schema, node.idxname ?? "");
  const what = node.unique === true ? "unique index" : "index";
  const found = node.if_not_exists === true ? schema.index(name) : undefined;
  return {
    node, table, tables, found,
    isLeftover: found?.valid === false && table.kind !== "partitioned-table",
    read: storedTables(schema, tables).filter((one) => !taken.includes(one)),
    concurrently: `create ${what} concurrently ${node.idxname ?? "…"} on ${table.name} (…)`,
  };
}
