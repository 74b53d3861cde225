/** Whether something holds a statement to few rows: a WHERE, a LIMIT, or what it is joined with. */

import type { A_Expr, Node, RangeVar, SelectStmt } from "libpg-query";
import { names } from "./action.ts";
import type { Known } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { nodeBody } from "./statement-node.ts";
import { tableFamily } from "./table-locks.ts";
import { nodesOf } from "./tree-nodes.ts";

/** One that FROM names, or the table that is changed. */
interface Source {
  /** What its columns are qualified with. */
  readonly alias: string;
  /** Undefined for a query, of whose columns nothing is known. */
  readonly table: string | undefined;
  /** Whether it has few rows by itself. */
  readonly isHeld: boolean;
}

export interface PickedRows {
  /** Absent where nothing is changed. */
  readonly target?: RangeVar;
  readonly from: readonly Node[] | undefined;
  readonly where: Node | undefined;
}

/** `between 1 and 10000` is a batch. */
const mostOfRange = 10_000;

/**
 * Equality with constants holds it, and IN. Where a database was asked, it takes an index that
 * begins with the column as well: without one there may be many rows of each value.
 */
export class RowBounds {
  readonly #schema: SchemaModel;
  readonly #source: Known["source"];
  /** Queries of WITH by their names; one is taken out while it is looked at, since it may recur. */
  readonly #withs: Map<string, Node | undefined>;

  constructor(schema: SchemaModel, source: Known["source"], statement: unknown) {
    this.#schema = schema;
    this.#source = source;
    this.#withs = new Map(nodesOf("CommonTableExpr", statement).map(
      ({ ctename = "", ctequery }) => [ctename, ctequery],
    ));
  }

  /** What changes rows in a WITH is judged by itself, and counts as held here. */
  holdsQuery(query: Node | undefined): boolean {
    const select = nodeBody(query, "SelectStmt");
    return select === undefined || this.#holdsSelect(select);
  }

  #holdsSelect({ limitCount, larg, rarg, fromClause, whereClause }: SelectStmt): boolean {
    if (limitCount !== undefined && nodeBody(limitCount, "A_Const")?.isnull !== true) return true;
    if (larg !== undefined && rarg !== undefined) {
      return this.#holdsSelect(larg) && this.#holdsSelect(rarg);
    }
    return this.holdsRows({ from: fromClause, where: whereClause });
  }

  holdsRows({ target, from = [], where }: PickedRows): boolean {
    const sources = [
      ...(target === undefined ? [] : [this.#table(target)]),
      ...from.flatMap((node) => this.#sources(node)),
    ];
    const open = sources.filter(({ isHeld }) => !isHeld);
    if (open.length === 0) return true;
    const on = from.flatMap(joinConditions);
    const conditions = [...conjuncts(where), ...on];
    const isJoined = open.length === 1 || conditions.some(isJoin) || from.some(isJoinedByName);
    return isJoined && conditions.some((one) => this.#holds(one, sources));
  }

  #sources(node: Node): readonly Source[] {
    const join = nodeBody(node, "JoinExpr");
    if (join !== undefined) {
      return [join.larg, join.rarg].flatMap((side) =>
        side === undefined ? [] : this.#sources(side),
      );
    }
    const range = nodeBody(node, "RangeVar");
    if (range === undefined) {
      const query = nodeBody(node, "RangeSubselect");
      const alias = query?.alias?.aliasname ?? nodeBody(node, "RangeFunction")?.alias?.aliasname;
      return [{ alias: alias ?? "", table: undefined, isHeld: this.holdsQuery(query?.subquery) }];
    }
    const { relname = "", schemaname, alias } = range;
    if (schemaname !== undefined || !this.#withs.has(relname)) return [this.#table(range)];
    const query = this.#withs.get(relname);
    this.#withs.set(relname, undefined);
    const isHeld = this.holdsQuery(query);
    this.#withs.set(relname, query);
    return [{ alias: alias?.aliasname ?? relname, table: undefined, isHeld }];
  }

  #table(range: RangeVar): Source {
    const alias = range.alias?.aliasname ?? range.relname ?? "";
    return { alias, table: this.#schema.nameOf(range), isHeld: false };
  }

  #holds(condition: Node, sources: readonly Source[]): boolean {
    if ("BoolExpr" in condition) {
      const { boolop, args = [] } = condition.BoolExpr;
      if (boolop === "AND_EXPR") return args.some((one) => this.#holds(one, sources));
      return boolop === "OR_EXPR" && args.every((one) => this.#holds(one, sources));
    }
    const constant = nodeBody(condition, "A_Const")?.boolval;
    if (constant !== undefined) return constant.boolval !== true;
    if ("CurrentOfExpr" in condition) return true;
    if ("SubLink" in condition) {
      const { subLinkType, subselect, operName } = condition.SubLink;
      const isIn = operName === undefined || names(operName).at(-1) === "=";
      return isIn && subLinkType === "ANY_SUBLINK" && this.holdsQuery(subselect);
    }
    return "A_Expr" in condition && this.#compares(condition.A_Expr, sources);
  }

  #compares({ kind, name, lexpr, rexpr }: A_Expr, sources: readonly Source[]): boolean {
    const picks = (node: Node | undefined): boolean => this.#picks(node, sources);
    const list = nodeBody(rexpr, "List")?.items ?? [];
    const operator = names(name).at(-1);
    switch (kind) {
      case "AEXPR_OP":
      case "AEXPR_NOT_DISTINCT":
        if (operator !== "=") return false;
        return (isFixed(rexpr, sources) && picks(lexpr)) ||
          (isFixed(lexpr, sources) && picks(rexpr));
      case "AEXPR_IN":
        return operator === "=" && picks(lexpr) && list.every((one) => isFixed(one, sources));
      case "AEXPR_OP_ANY": {
        if (operator !== "=") return false;
        const subLink = nodeBody(rexpr, "SubLink");
        if (subLink !== undefined) return this.holdsQuery(subLink.subselect);
        return isFixed(rexpr, sources) && picks(lexpr);
      }
      case "AEXPR_BETWEEN": {
        const [from, to] = list.map((one) => nodeBody(one, "A_Const")?.ival);
        if (from === undefined || to === undefined) return false;
        return (to.ival ?? 0) - (from.ival ?? 0) <= mostOfRange && picks(lexpr);
      }
      default:
        return false;
    }
  }

  /** Whether one value of it stands for few rows, as far as can be known. */
  #picks(node: Node | undefined, sources: readonly Source[]): boolean {
    const used = nodesOf("ColumnRef", node);
    if (this.#source === "files" || used.length === 0) return used.length > 0;
    const row = nodeBody(node, "RowExpr")?.args ?? (node === undefined ? [] : [node]);
    return row.some((one) => {
      const column = nodeBody(one, "ColumnRef");
      // An expression can be served by an index of expressions only.
      const name = column === undefined ? "" : (names(column.fields).at(-1) ?? "");
      const aliases = nodesOf("ColumnRef", one).map(({ fields }) => names(fields).at(-2));
      return sources.some(({ alias, table, isHeld }) =>
        !isHeld && aliases.some((own) => own === undefined || own === alias) &&
        (table === undefined || this.#leads(table, name)),
      );
    });
  }

  #leads(table: string, column: string): boolean {
    const { kind } = this.#schema.relation(table);
    if (kind === "view" || kind === "foreign-table" || kind === "unknown") return true;
    if (column === "ctid") return true;
    return tableFamily(this.#schema, table).some((one) =>
      this.#schema.indexesOf(one).some(({ valid, partial, columns: [first] }) =>
        valid && !partial && first === column,
      ),
    );
  }
}

/** Joined with AND, however deep. */
function conjuncts(where: Node | undefined): readonly Node[] {
  const bool = nodeBody(where, "BoolExpr");
  if (bool?.boolop === "AND_EXPR") return (bool.args ?? []).flatMap(conjuncts);
  return where === undefined ? [] : [where];
}

/** What ON says; that of an outer join leaves no row out. */
function joinConditions(node: Node): readonly Node[] {
  const join = nodeBody(node, "JoinExpr");
  if (join === undefined) return [];
  const below = [join.larg, join.rarg].flatMap((side) =>
    side === undefined ? [] : joinConditions(side),
  );
  return join.jointype === "JOIN_INNER" ? [...below, ...conjuncts(join.quals)] : below;
}

/** An outer join is meant as a join as well. */
function isJoinedByName(node: Node): boolean {
  const join = nodeBody(node, "JoinExpr");
  if (join === undefined) return false;
  return join.isNatural === true || join.usingClause !== undefined || join.quals !== undefined;
}

function isJoin(condition: Node): boolean {
  const expression = nodeBody(condition, "A_Expr");
  return nodeBody(expression?.lexpr, "ColumnRef") !== undefined &&
    nodeBody(expression?.rexpr, "ColumnRef") !== undefined;
}

/** The same for every row: a constant, what is computed of some, a column of what is held. */
function isFixed(node: Node | undefined, sources: readonly Source[]): boolean {
  const columns = nodesOf("ColumnRef", node).map(({ fields }) => names(fields).at(-2));
  const aliases = (some: readonly Source[]): readonly (string | undefined)[] =>
    some.map(({ alias }) => alias);
  const held = aliases(sources.filter(({ isHeld }) => isHeld));
  const open = aliases(sources.filter(({ isHeld }) => !isHeld));
  const query = nodeBody(node, "SubLink");
  if (query !== undefined) {
    return query.subLinkType === "EXPR_SUBLINK" && !columns.some((alias) => open.includes(alias));
  }
  return columns.every((alias) => held.includes(alias));
}
