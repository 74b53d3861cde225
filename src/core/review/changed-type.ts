/** ALTER COLUMN … TYPE, with what the change comes to. */

import type { ColumnDef } from "libpg-query";
import type { Action } from "./action.ts";
import { type ColumnCommand, columnCommand } from "./column-command.ts";
import type { Known } from "./rule.ts";
import { storedTables } from "./table-locks.ts";
import { type TypeChange, typeChange } from "./type-change.ts";

export interface ChangedType extends ColumnCommand {
  readonly node: ColumnDef;
  readonly change: TypeChange;
  /** Of the tables those that hold rows here. */
  readonly stored: readonly string[];
}

export function changedType(action: Action, known: Known): ChangedType | undefined {
  const found = columnCommand(action, known, "AT_AlterColumnType");
  if (found?.command.def === undefined || !("ColumnDef" in found.command.def)) return undefined;
  const node = found.command.def.ColumnDef;
  const isForeign = found.action.object === "OBJECT_FOREIGN_TABLE";
  return {
    ...found,
    node,
    change: typeChange(known.schema, found.name, found.column?.type, node),
    stored: isForeign ? [] : storedTables(known.schema, found.tables),
  };
}
