/** The INSERT, UPDATE, DELETE and MERGE of a statement, in a WITH or an EXPLAIN ANALYZE too. */

import type { InsertStmt, MergeStmt, Node, RangeVar } from "libpg-query";
import { type Action, names as namesOf } from "./action.ts";
import { readUnbounded, relationsRead, wholeTable } from "./query-reads.ts";
import { RowBounds } from "./row-bounds.ts";
import type { Known } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { nodeBody } from "./statement-node.ts";
import { storedTables, tableFamily } from "./table-locks.ts";
import { nodesOf } from "./tree-nodes.ts";
import { hasOption } from "./vacuumed-tables.ts";

export interface DataChange {
  readonly does: "insert" | "update" | "delete" | "merge";
  readonly table: string;
  /** `few` where something holds it to some rows, `many` where it leaves out some at most. */
  readonly reach: "all" | "many" | "few";
  /** Tables that it goes through, every row or many; empty where it reaches few. */
  readonly through: readonly string[];
  /** Of these, what it is sure to read from end to end. */
  readonly scans: readonly string[];
}

/** Those inside come before the statement itself; empty for a statement that changes no data. */
export function dataChanges(
  schema: SchemaModel,
  action: Action,
  source: Known["source"] = "files",
): readonly DataChange[] {
  if (action.kind !== "statement") return [];
  const statement = action.tree;
  const bounds = new RowBounds(schema, source, statement);
  return changesIn({ schema, statement, bounds }, statement);
}

/** Names of a WITH are no tables wherever they stand in the statement. */
interface Scope {
  readonly schema: SchemaModel;
  readonly statement: Node;
  readonly bounds: RowBounds;
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

function ownChange(scope: Scope, tree: Node): readonly DataChange[] {
  const { schema, statement } = scope;
  const insert = nodeBody(tree, "InsertStmt");
  if (insert !== undefined) return [inserted(scope, insert)];
  const merge = nodeBody(tree, "MergeStmt");
  if (merge !== undefined) return [merged(scope, merge)];
  const update = nodeBody(tree, "UpdateStmt");
  if (update !== undefined) {
    const { fromClause: from } = update;
    const others = relationsRead(schema, from, statement);
    return [changeOfRows(scope, { ...update, does: "update", from, others })];
  }
  const remove = nodeBody(tree, "DeleteStmt");
  if (remove === undefined) return [];
  const { usingClause: from } = remove;
  const others = relationsRead(schema, from, statement);
  return [changeOfRows(scope, { ...remove, does: "delete", from, others })];
}

function inserted(
  { schema, statement, bounds }: Scope,
  { relation, selectStmt: source, withClause }: InsertStmt,
): DataChange {
  const base = { does: "insert", table: schema.nameOf(relation ?? {}) } as const;
  const isFew = bounds.holdsQuery(source);
  const all = isFew ? [] : readUnbounded(schema, source, statement);
  if (all.length > 0) {
    const scans = wholeTable(schema, source, statement);
    return { ...base, reach: "all", through: all, scans };
  }
  const through = isFew ? [] : relationsRead(schema, [source, withClause], statement);
  if (through.length === 0) return { ...base, reach: "few", through, scans: [] };
  const { fromClause: [from, ...more] = [], whereClause } = nodeBody(source, "SelectStmt") ?? {};
  const range = nodeBody(from, "RangeVar");
  const isOne = range !== undefined && more.length === 0;
  const own = through.filter((name) => isOne && schema.nameOf(range) === name);
  return { ...base, reach: "many", through, scans: unserved(schema, own, whereClause) };
}

function merged(
  { schema, statement, bounds }: Scope,
  { relation, sourceRelation: source }: MergeStmt,
): DataChange {
  const base = { does: "merge", table: schema.nameOf(relation ?? {}) } as const;
  const isFew = bounds.holdsRows({ from: source === undefined ? [] : [source], where: undefined });
  const through = isFew ? [] : relationsRead(schema, source, statement);
  if (through.length === 0) return { ...base, reach: "few", through, scans: [] };
  const query = nodeBody(source, "RangeSubselect")?.subquery;
  const isAll = query === undefined || readUnbounded(schema, query, statement).length > 0;
  return isAll
    ? { ...base, reach: "all", through, scans: readable(schema, [base.table, ...through]) }
    : { ...base, reach: "many", through, scans: [] };
}

interface ChangeOfRows {
  readonly does: "update" | "delete";
  readonly relation?: RangeVar;
  readonly whereClause?: Node;
  /** What FROM or USING says, and what it names. */
  readonly from: readonly Node[] | undefined;
  readonly others: readonly string[];
}

function changeOfRows({ schema, bounds }: Scope, change: ChangeOfRows): DataChange {
  const { does, relation = {}, whereClause: where, from, others } = change;
  const table = schema.nameOf(relation);
  if (bounds.holdsRows({ target: relation, from, where })) {
    return { does, table, reach: "few", through: [], scans: [] };
  }
  if (others.length > 0 && isJoin(where)) {
    const through = [...new Set([table, ...others])];
    return { does, table, reach: "all", through, scans: readable(schema, through) };
  }
  if (holdsForAll(where)) {
    return { does, table, reach: "all", through: [table], scans: readable(schema, [table]) };
  }
  const through = [...new Set([table, ...others])];
  return { does, table, reach: "many", through, scans: unserved(schema, through, where) };
}

/** Those that are read from end to end, since no index can serve what the WHERE says of them. */
function unserved(
  schema: SchemaModel,
  names: readonly string[],
  where: Node | undefined,
): readonly string[] {
  const used = nodesOf("ColumnRef", withoutJoins(where)).map(
    ({ fields }) => namesOf(fields).at(-1) ?? "",
  );
  return names.flatMap((name) => {
    const { kind, partitionKey } = schema.relation(name);
    if (kind === "unknown" || partitionKey.some((key) => key === "" || used.includes(key))) {
      return [];
    }
    const isServed = tableFamily(schema, name).some((one) =>
      schema.indexesOf(one).some(({ partial, valid, columns }) =>
        valid && (partial || columns.some((column) => column === "" || used.includes(column))),
      ),
    );
    return isServed ? [] : readable(schema, [name]);
  });
}

/** Those that have rows of their own, or partitions that have. */
function readable(schema: SchemaModel, names: readonly string[]): readonly string[] {
  const all = names.filter((name) => schema.relation(name).kind !== "view");
  return [...new Set(storedTables(schema, all.flatMap((name) => tableFamily(schema, name))))];
}

/** What is left of a WHERE when what only joins is left out. */
function withoutJoins(where: Node | undefined): readonly Node[] {
  const bool = nodeBody(where, "BoolExpr");
  if (bool?.boolop === "AND_EXPR") return (bool.args ?? []).flatMap(withoutJoins);
  return isJoin(where) || where === undefined ? [] : [where];
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
