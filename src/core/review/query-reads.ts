/** What a query reads, as far as the query alone tells. */

import type { Node, SelectStmt } from "libpg-query";
import type { SchemaModel } from "./schema-model.ts";
import { nodeBody } from "./statement-node.ts";
import { storedTables, tableFamily } from "./table-locks.ts";
import { nodesOf } from "./tree-nodes.ts";

/** Tables and views that it names anywhere, each once, but for the WITH names of the statement. */
export function relationsRead(
  schema: SchemaModel,
  query: unknown,
  statement: unknown = query,
): readonly string[] {
  const own = new Set(nodesOf("CommonTableExpr", statement).map(({ ctename }) => ctename));
  const named = nodesOf("RangeVar", query).filter(
    ({ schemaname, relname }) => schemaname !== undefined || !own.has(relname),
  );
  return [...new Set(named.map((range) => schema.nameOf(range)))];
}

/**
 * What it reads, where it reads some relation and has nothing that would keep it from taking
 * every row; empty where it has.
 */
export function readUnbounded(
  schema: SchemaModel,
  query: Node | undefined,
  statement: unknown = query,
): readonly string[] {
  const select = nodeBody(query, "SelectStmt");
  const isMeant = select !== undefined && isUnbounded(schema, select, statement);
  return isMeant ? relationsRead(schema, query, statement) : [];
}

function isUnbounded(schema: SchemaModel, select: SelectStmt, statement: unknown): boolean {
  if (select.limitCount !== undefined) return false;
  const { larg, rarg, whereClause, fromClause } = select;
  if (larg !== undefined && rarg !== undefined) {
    return isUnbounded(schema, larg, statement) || isUnbounded(schema, rarg, statement);
  }
  return whereClause === undefined && relationsRead(schema, fromClause, statement).length > 0;
}

/** The table, with its partitions, that a query of one table reads from end to end. */
export function wholeTable(
  schema: SchemaModel,
  query: Node | undefined,
  statement: unknown = query,
): readonly string[] {
  const [from, ...more] = nodeBody(query, "SelectStmt")?.fromClause ?? [];
  const range = nodeBody(from, "RangeVar");
  if (range === undefined || more.length > 0) return [];
  const { name, kind } = schema.relation(range);
  if (kind === "view" || kind === "sequence" || kind === "foreign-table") return [];
  if (!readUnbounded(schema, query, statement).includes(name)) return [];
  return storedTables(schema, range.inh === true ? tableFamily(schema, name) : [name]);
}

/** Tables and materialized views behind a view's query, through other views. */
export function storedBehind(schema: SchemaModel, view: string): readonly string[] {
  const views = new Set([view]);
  const tables = new Set<string>();
  // A set that grows is walked to its end; a view that reads itself is in it once.
  for (const one of views) {
    for (const name of schema.relation(one).reads) {
      if (schema.relation(name).kind === "view") views.add(name);
      else for (const table of storedTables(schema, tableFamily(schema, name))) tables.add(table);
    }
  }
  return [...tables];
}
