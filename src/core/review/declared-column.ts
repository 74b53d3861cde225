/** Columns whose type a statement chooses: of a new table, a new column, or a changed one. */

import type { ColumnDef } from "libpg-query";
import { type Action, type ColumnType, columnType, names } from "./action.ts";
import type { Judgement, Known } from "./rule.ts";
import { columnOf, inlineConstraints, isSerial } from "./schema-read.ts";

export interface DeclaredColumn {
  readonly table: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly serial: boolean;
  readonly identity: boolean;
  /** Whether it is the primary key, all of it. */
  readonly isKey: boolean;
  /** In the statement's bytes. */
  readonly location: number;
}

/** An action is made for one statement, and several rules ask for its columns. */
const declaredBy = new WeakMap<Action, readonly DeclaredColumn[]>();

export function declaredColumns(action: Action, known: Known): readonly DeclaredColumn[] {
  const seen = declaredBy.get(action) ?? readColumns(action, known);
  declaredBy.set(action, seen);
  return seen;
}

function readColumns(action: Action, { schema }: Known): readonly DeclaredColumn[] {
  if (action.kind === "alter-table") {
    const { object, command } = action;
    const { subtype, def, name } = command;
    const isTable = object === "OBJECT_TABLE" || object === "OBJECT_FOREIGN_TABLE";
    if (!isTable || def === undefined || !("ColumnDef" in def)) return [];
    if (subtype !== "AT_AddColumn" && subtype !== "AT_AlterColumnType") return [];
    const table = schema.relation(action.table);
    const column = def.ColumnDef.colname ?? name ?? "";
    if (command.missing_ok === true && table.columns.has(column)) return [];
    return [declared(table.name, column, def.ColumnDef)];
  }
  if (!("CreateStmt" in action.tree)) return [];
  const { relation, tableElts: elements = [] } = action.tree.CreateStmt;
  const table = schema.nameOf(relation ?? {});
  const keys = elements.flatMap((node) =>
    "Constraint" in node && node.Constraint.contype === "CONSTR_PRIMARY"
      ? [names(node.Constraint.keys)]
      : [],
  );
  const isKey = (name: string): boolean => keys.some((key) => key.length === 1 && key[0] === name);
  return elements.flatMap((node) => {
    if (!("ColumnDef" in node)) return [];
    const one = declared(table, node.ColumnDef.colname ?? "", node.ColumnDef);
    return { ...one, isKey: one.isKey || isKey(one.name) };
  });
}

function declared(table: string, name: string, node: ColumnDef): DeclaredColumn {
  return {
    table,
    name,
    type: columnType(node.typeName),
    serial: isSerial(node),
    identity: columnOf(node).identity,
    isKey: inlineConstraints(node, "CONSTR_PRIMARY").length > 0,
    location: node.location ?? 0,
  };
}

/** Advice about columns, told at the first of them. */
export function columnAdvice(
  found: readonly DeclaredColumn[],
  advice: (columns: string) => { readonly reason: string; readonly instead: string },
): Judgement | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  const columns = found.map(({ table, name }) => `${table}.${name}`).join(", ");
  return {
    classes: ["advice"], ...advice(columns), subjects: [first.table], location: first.location,
  };
}
