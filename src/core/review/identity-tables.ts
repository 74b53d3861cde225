/** Which tables a command on an identity column touches. */

import type { ColumnCommand } from "./column-command.ts";
import type { Known } from "./rule.ts";

/** Partitions have had identity columns since 17; where the server is not known, they count. */
export function identityTables(
  { table, tables }: ColumnCommand,
  { serverMajor }: Known,
): readonly string[] {
  return serverMajor !== undefined && serverMajor < 17 ? [table.name] : tables;
}
