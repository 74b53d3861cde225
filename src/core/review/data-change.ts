/** The INSERT, UPDATE, DELETE and MERGE of a statement, in a WITH or an EXPLAIN ANALYZE too. */

import type { Node, RangeVar } from "libpg-query";
import type { Action } from "./action.ts";
import { readUnbounded, relationsRead, wholeTable } from "./query-reads.ts";
import type { SchemaModel } from "./schema-model.ts";
import { nodeBody } from "./statement-node.ts";
import { storedTables, tableFamily } from "./table-locks.ts";
import { hasOption } from "./vacuumed-tables.ts";

export interface DataChange {
  readonly does: "insert" | "update" | "delete" | "merge";
  readonly table: string;
  /** Tables whose every row it goes through; empty where something holds it to some. */
  readonly through: readonly string[];
  /** Of these, what it is sure to read from end to end. */
  readonly scans: readonly string[];
}

/** Those inside come before the statement itself; empty for a statement that changes no data. */
export function dataChanges(schema: SchemaModel, action: Action): readonly DataChange[] {
  if (action.kind !== "statement") return [];
  return changesIn({ schema, statement: action.tree }, action.tree);
}

/** Names of a WITH are no tables wherever they stand in the statement. */
interface Scope {
  readonly schema: SchemaModel;
  readonly statement: Node;
}

function changesIn(scope: Scope, tree: Node): readonly DataChange[] {
  const explain = nodeBody(tree, "ExplainStmt");
  if (explain !== undefined) {
    const { query, options } = explain;
    return query !== undefined && hasOption(options, "analyze") ? changesIn(scope, query) : [];
  }
  const body = nodeBody(tree, "InsertStmt") ?? nodeBody(tree, "UpdateStmt") ??
    nodeBody(tree, "DeleteStmt") ?? nodeBody(tree, "MergeStmt") ?? nodeBody(tree, "SelectStmt");
  const inside = (body?.withClause?.ctes ?? []).flatMap((node) => {
    const query = nodeBody(node, "CommonTableExpr")?.ctequery;
    return query === undefined ? [] : changesIn(scope, query);
  });
  return [...inside, ...ownChange(scope, tree)];
}

function ownChange({ schema, statement }: Scope, tree: Node): readonly DataChange[] {
  const insert = nodeBody(tree, "InsertStmt");
  if (insert !== undefined) {
    const source = insert.selectStmt;
    const table = schema.nameOf(insert.relation ?? {});
    return [{
      does: "insert",
      table,
      through: readUnbounded(schema, source, statement),
      scans: wholeTable(schema, source, statement),
    }];
  }
  const merge = nodeBody(tree, "MergeStmt");
  if (merge !== undefined) {
    const table = schema.nameOf(merge.relation ?? {});
    const through = relationsRead(schema, merge.sourceRelation, statement);
    const scans = through.length === 0 ? [] : readable(schema, [table, ...through]);
    return [{ does: "merge", table, through, scans }];
  }
  const update = nodeBody(tree, "UpdateStmt");
  if (update !== undefined) {
    const others = relationsRead(schema, update.fromClause, statement);
    return [changeOfRows(schema, { ...update, does: "update", others })];
  }
  const remove = nodeBody(tree, "DeleteStmt");
  if (remove === undefined) return [];
  const others = relationsRead(schema, remove.usingClause, statement);
  return [changeOfRows(schema, { ...remove, does: "delete", others })];
}

interface ChangeOfRows {
  readonly does: "update" | "delete";
  readonly relation?: RangeVar;
  readonly whereClause?: Node;
  /** What FROM and USING name. */
  readonly others: readonly string[];
}

function changeOfRows(schema: SchemaModel, change: ChangeOfRows): DataChange {
  const { does, relation = {}, whereClause, others } = change;
  const table = schema.nameOf(relation);
  if (others.length > 0 && isJoin(whereClause)) {
    const through = [...new Set([table, ...others])];
    return { does, table, through, scans: readable(schema, through) };
  }
  if (!holdsForAll(whereClause)) return { does, table, through: [], scans: [] };
  return { does, table, through: [table], scans: readable(schema, [table]) };
}

/** Those that have rows of their own, or partitions that have. */
function readable(schema: SchemaModel, names: readonly string[]): readonly string[] {
  const all = names.filter((name) => schema.relation(name).kind !== "view");
  return [...new Set(storedTables(schema, all.flatMap((name) => tableFamily(schema, name))))];
}

/** A WHERE that compares columns with columns and with nothing else picks no rows by itself. */
function isJoin(where: Node | undefined): boolean {
  if (where === undefined) return true;
  if ("BoolExpr" in where && where.BoolExpr.boolop === "AND_EXPR") {
    return (where.BoolExpr.args ?? []).every(isJoin);
  }
  if (!("A_Expr" in where) || where.A_Expr.kind !== "AEXPR_OP") return false;
  const { lexpr, rexpr } = where.A_Expr;
  return nodeBody(lexpr, "ColumnRef") !== undefined && nodeBody(rexpr, "ColumnRef") !== undefined;
}

/** No WHERE, and one that is written to have one: `where true`, `where 1 = 1`. */
function holdsForAll(where: Node | undefined): boolean {
  if (where === undefined) return true;
  if ("A_Const" in where) return where.A_Const.boolval?.boolval === true;
  if (!("A_Expr" in where) || where.A_Expr.kind !== "AEXPR_OP") return false;
  const { lexpr, rexpr } = where.A_Expr;
  const [left, right] = [nodeBody(lexpr, "A_Const"), nodeBody(rexpr, "A_Const")];
  return left?.ival !== undefined && left.ival.ival === right?.ival?.ival;
}
