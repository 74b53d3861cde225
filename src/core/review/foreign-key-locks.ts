/** What ADD FOREIGN KEY locks, and which partitions it need not read. */

import { adoptedForeignKeys } from "./adopted-parts.ts";
import { type AddedForeignKey, lockedEnds } from "./foreign-key.ts";
import type { Known, RelationLock } from "./rule.ts";
import { sameLocks, tableFamily } from "./table-locks.ts";

export interface ForeignKeyLocks {
  readonly locks: readonly RelationLock[];
  /** Partitions whose own foreign key has looked up their rows already. */
  readonly taken: readonly string[];
}

/**
 * Where the parent takes over the foreign keys of partitions, the triggers that these have put on
 * the table that they refer to are dropped, which takes the strongest of locks. Before 18 those
 * that are not valid are not taken over, and are checked anew.
 */
export function foreignKeyLocks(known: Known, added: AddedForeignKey): ForeignKeyLocks {
  const { schema, serverMajor } = known;
  const { table, parent } = added;
  const { validated, unvalidated } = adoptedForeignKeys(schema, added);
  const isRecent = serverMajor === undefined || serverMajor >= 18;
  const taken = isRecent ? [...validated, ...unvalidated] : validated;
  const locks = lockedEnds(schema, { child: table.name, parent }, "SHARE ROW EXCLUSIVE");
  if (taken.length === 0) return { locks, taken: [] };
  const isPartitioned = schema.relation(parent).kind === "partitioned-table";
  const strong = [...tableFamily(schema, parent), ...(isPartitioned ? taken : [])];
  return { locks: [...locks, ...sameLocks(strong, "ACCESS EXCLUSIVE")], taken: validated };
}
