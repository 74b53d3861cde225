/** Reads columns and constraints out of the parse tree. */

import type { ColumnDef, Constraint as ConstraintNode, Node } from "libpg-query";
import { columnType, names } from "./action.ts";
import { partsOfName } from "./relation-name.ts";
import type { Column, Constraint } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";
import { nodesOf } from "./tree-nodes.ts";

const serialTypes: readonly string[] = [
  "serial", "serial2", "serial4", "serial8", "bigserial", "smallserial",
];

/** Whether the type is one of those that make a sequence. */
export function isSerial(column: ColumnDef): boolean {
  return serialTypes.includes(columnType(column.typeName).name);
}

/** The constraints that are written behind a column, of these kinds. */
export function inlineConstraints(
  column: ColumnDef,
  ...kinds: readonly NonNullable<ConstraintNode["contype"]>[]
): readonly ConstraintNode[] {
  return (column.constraints ?? []).flatMap((node) =>
    "Constraint" in node && node.Constraint.contype !== undefined &&
      kinds.includes(node.Constraint.contype) ? node.Constraint : [],
  );
}

/** As the types of columns: one node is asked for by many rules. */
const columnsSeen = new WeakMap<ColumnDef, Column>();

export function columnOf(node: ColumnDef): Column {
  const seen = columnsSeen.get(node) ?? readColumn(node);
  columnsSeen.set(node, seen);
  return seen;
}

function readColumn(node: ColumnDef): Column {
  const has = (...kinds: readonly NonNullable<ConstraintNode["contype"]>[]): boolean =>
    inlineConstraints(node, ...kinds).length > 0;
  const [generated] = inlineConstraints(node, "CONSTR_GENERATED");
  const serial = isSerial(node);
  return {
    name: node.colname ?? "",
    type: columnType(node.typeName),
    notNull: serial || has("CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"),
    hasDefault: serial || has("CONSTR_DEFAULT", "CONSTR_IDENTITY"),
    identity: has("CONSTR_IDENTITY"),
    generated:
      generated === undefined ? undefined : generatedKind(generated),
  };
}

/** STORED is what the grammar calls `s`; virtual ones are of 18. */
export function generatedKind(node: ConstraintNode): "stored" | "virtual" {
  return node.generated_kind === "v" ? "virtual" : "stored";
}

/** Undefined for what is no constraint of the table: a default, NOT NULL without a name. */
export function constraintOf(
  model: SchemaModel,
  table: string,
  node: ConstraintNode,
  column: string | undefined,
): Constraint | undefined {
  const kind = kindOf(node);
  if (kind === undefined) return undefined;
  const listed = names(kind === "foreign-key" ? node.fk_attrs : node.keys);
  const ofIndex = node.indexname === undefined
    ? []
    : (model.index({ relname: node.indexname, schemaname: partsOfName(table).schema })?.columns ??
      []);
  const mentioned = kind === "check" ? mentionedColumns(node.raw_expr) : listed;
  const own = mentioned.length > 0 ? mentioned : column === undefined ? ofIndex : [column];
  return {
    name: node.conname ?? node.indexname ?? defaultName(table, kind, own),
    kind,
    validated: node.skip_validation !== true,
    columns: own,
    references: node.pktable === undefined ? undefined : model.nameOf(node.pktable),
    referencedColumns: names(node.pk_attrs),
    provesNotNull:
      kind === "check" ? provenNotNull(node.raw_expr) : kind === "not-null" ? own : [],
  };
}

/** As the server keeps them of a check: the columns that its expression speaks of. */
function mentionedColumns(expression: Node | undefined): readonly string[] {
  const spoken = nodesOf("ColumnRef", expression).map(({ fields }) => names(fields).at(-1) ?? "");
  return [...new Set(spoken)];
}

function kindOf(node: ConstraintNode): Constraint["kind"] | undefined {
  switch (node.contype) {
    case "CONSTR_CHECK":
      return "check";
    case "CONSTR_NOTNULL":
      return node.conname === undefined && node.keys === undefined ? undefined : "not-null";
    case "CONSTR_FOREIGN":
      return "foreign-key";
    case "CONSTR_UNIQUE":
      return "unique";
    case "CONSTR_PRIMARY":
      return "primary-key";
    case "CONSTR_EXCLUSION":
      return "exclude";
    default:
      return undefined;
  }
}

/** As Postgres names what nobody names, but for the number that keeps two names apart. */
function defaultName(
  table: string,
  kind: Constraint["kind"],
  columns: readonly string[],
): string {
  const { name } = partsOfName(table);
  switch (kind) {
    case "primary-key":
      return `${name}_pkey`;
    case "unique":
      return [name, ...columns, "key"].join("_");
    case "foreign-key":
      return [name, ...columns, "fkey"].join("_");
    case "check":
      return [name, ...(columns.length === 1 ? columns : []), "check"].join("_");
    case "not-null":
      return [name, ...columns, "not_null"].join("_");
    case "exclude":
      return [name, ...columns, "excl"].join("_");
  }
}

/** The columns of `c is not null`, alone or joined by AND. */
export function provenNotNull(expression: Node | undefined): readonly string[] {
  if (expression === undefined) return [];
  if ("BoolExpr" in expression && expression.BoolExpr.boolop === "AND_EXPR") {
    return (expression.BoolExpr.args ?? []).flatMap(provenNotNull);
  }
  if (!("NullTest" in expression) || expression.NullTest.nulltesttype !== "IS_NOT_NULL") return [];
  const { arg } = expression.NullTest;
  return arg !== undefined && "ColumnRef" in arg ? names(arg.ColumnRef.fields).slice(-1) : [];
}
