/** Changes the model of a schema as one command of ALTER TABLE would. */

import type { AlterTableCmd, Node } from "libpg-query";
import { type Action, columnType } from "./action.ts";
import type { Column, Constraint, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";
import { columnOf, constraintOf } from "./schema-read.ts";
import { partsOfName, relationName } from "./relation-name.ts";

/** What it does not understand leaves the model as it is. */
export function foldAlterTable(model: SchemaModel, action: Action): void {
  if (action.kind !== "alter-table") return;
  const { command } = action;
  const name = model.nameOf(action.table);
  if (!model.isKnown(name)) return;
  const { subtype } = command;
  if (subtype === "AT_AddColumn" || subtype === "AT_DropColumn") {
    return foldColumns(model, name, command);
  }
  if (subtype === "AT_AddConstraint") return addConstraint(model, name, command.def, undefined);
  if (subtype === "AT_DropConstraint") return dropConstraint(model, name, command.name ?? "");
  if (subtype === "AT_ValidateConstraint") return validate(model, name, command.name ?? "");
  if (subtype === "AT_AttachPartition" || subtype === "AT_DetachPartition") {
    return foldPartition(model, name, command);
  }
  const relation = model.relation(name);
  if (subtype === "AT_EnableRowSecurity") model.put({ ...relation, rowSecurity: true });
  else if (subtype === "AT_DisableRowSecurity") model.put({ ...relation, rowSecurity: false });
  else foldColumn(model, relation, command);
}

function foldColumns(model: SchemaModel, table: string, command: AlterTableCmd): void {
  const relation = model.relation(table);
  const columns = new Map(relation.columns);
  if (command.subtype === "AT_DropColumn") {
    const gone = command.name ?? "";
    columns.delete(gone);
    const constraints = new Map(
      [...relation.constraints].filter(([, one]) => !one.columns.includes(gone)),
    );
    model.put({ ...relation, columns, constraints });
    for (const index of model.indexesOf(table)) {
      if (index.columns.includes(gone)) model.forgetIndex(index.name);
    }
    return;
  }
  if (command.def === undefined || !("ColumnDef" in command.def)) return;
  const node = command.def.ColumnDef;
  const column = columnOf(node);
  if (command.missing_ok === true && columns.has(column.name)) return;
  columns.set(column.name, column);
  model.put({ ...relation, columns });
  for (const one of node.constraints ?? []) {
    if ("Constraint" in one) addConstraint(model, table, one, column.name);
  }
}

function addConstraint(
  model: SchemaModel,
  table: string,
  node: Node | undefined,
  column: string | undefined,
): void {
  if (node === undefined || !("Constraint" in node)) return;
  const constraint = constraintOf(model, table, node.Constraint, column);
  if (constraint === undefined) return;
  const { schema } = partsOfName(table);
  const { indexname } = node.Constraint;
  if (indexname !== undefined) model.forgetIndex(relationName(schema, indexname));
  const relation = model.relation(table);
  const columns = new Map(relation.columns);
  const { kind, validated } = constraint;
  if (kind === "primary-key" || (kind === "not-null" && validated)) {
    for (const one of constraint.columns) setNotNull(columns, one);
  }
  model.put({
    ...relation,
    columns,
    constraints: new Map([...relation.constraints, [constraint.name, constraint]]),
  });
  if (constraint.kind === "primary-key" || constraint.kind === "unique") {
    model.putIndex({
      name: relationName(schema, constraint.name), table, columns: constraint.columns,
      unique: true, valid: true, partial: false,
    });
  }
}

function setNotNull(columns: Map<string, Column>, name: string): void {
  const known = columns.get(name);
  if (known !== undefined) columns.set(name, { ...known, notNull: true });
}

function dropConstraint(model: SchemaModel, table: string, name: string): void {
  const relation = model.relation(table);
  const constraints = new Map(relation.constraints);
  constraints.delete(name);
  model.put({ ...relation, constraints });
  model.forgetIndex(relationName(partsOfName(table).schema, name));
}

function validate(model: SchemaModel, table: string, name: string): void {
  const relation = model.relation(table);
  const known: Constraint | undefined = relation.constraints.get(name);
  if (known === undefined) return;
  const constraints = new Map(relation.constraints);
  constraints.set(name, { ...known, validated: true });
  const columns = new Map(relation.columns);
  if (known.kind === "not-null") for (const one of known.columns) setNotNull(columns, one);
  model.put({ ...relation, columns, constraints });
}

function foldPartition(model: SchemaModel, parent: string, command: AlterTableCmd): void {
  const { def } = command;
  if (def === undefined || !("PartitionCmd" in def)) return;
  // One that nothing was known of hangs on its parent from now on.
  const child = model.relation(def.PartitionCmd.name ?? {});
  const attaches = command.subtype === "AT_AttachPartition";
  model.put({
    ...child,
    partitionOf: attaches ? parent : undefined,
    isDefaultPartition: attaches && def.PartitionCmd.bound?.is_default === true,
  });
}

function foldColumn(model: SchemaModel, relation: Relation, command: AlterTableCmd): void {
  const known = relation.columns.get(command.name ?? "");
  if (known === undefined) return;
  const changed = changedColumn(known, command);
  if (changed === undefined) return;
  const columns = new Map(relation.columns);
  columns.set(known.name, changed);
  model.put({ ...relation, columns });
}

function changedColumn(column: Column, { subtype, def }: AlterTableCmd): Column | undefined {
  switch (subtype) {
    case "AT_SetNotNull":
      return { ...column, notNull: true };
    case "AT_DropNotNull":
      return { ...column, notNull: false };
    case "AT_ColumnDefault":
      return { ...column, hasDefault: def !== undefined };
    case "AT_AddIdentity":
      return { ...column, identity: true, hasDefault: true };
    case "AT_DropIdentity":
      return { ...column, identity: false, hasDefault: false };
    case "AT_DropExpression":
      return { ...column, generated: undefined };
    case "AT_AlterColumnType":
      return def !== undefined && "ColumnDef" in def
        ? { ...column, type: columnType(def.ColumnDef.typeName) }
        : undefined;
    default:
      return undefined;
  }
}
