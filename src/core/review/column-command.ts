/** ALTER TABLE … ALTER COLUMN, with what is known of the table and the column. */

import type { AlterTableCmd } from "libpg-query";
import type { Action } from "./action.ts";
import type { Known } from "./rule.ts";
import type { Column, Relation } from "./schema-facts.ts";
import { type AlterTableAction, touchedTables } from "./table-locks.ts";

export interface ColumnCommand {
  readonly action: AlterTableAction;
  readonly command: AlterTableCmd;
  readonly table: Relation;
  readonly name: string;
  /** `app.orders.note`. */
  readonly shown: string;
  readonly column: Column | undefined;
  /** The table, with its partitions where the command goes down to them. */
  readonly tables: readonly string[];
}

/** Undefined for other commands, and for what is no column of a table or a view. */
export function columnCommand(
  action: Action,
  { schema }: Known,
  ...subtypes: readonly NonNullable<AlterTableCmd["subtype"]>[]
): ColumnCommand | undefined {
  if (action.kind !== "alter-table") return undefined;
  const { command, object } = action;
  const others: readonly string[] = ["OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_SEQUENCE"];
  if (others.includes(object) || command.subtype === undefined) return undefined;
  if (!subtypes.includes(command.subtype)) return undefined;
  const table = schema.relation(action.table);
  const name = command.name ?? "";
  return {
    action, command, table, name,
    shown: `${table.name}.${name}`,
    column: table.columns.get(name),
    tables: touchedTables(schema, action),
  };
}
