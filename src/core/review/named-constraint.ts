/** A constraint that a statement names: VALIDATE, DROP, RENAME and ALTER CONSTRAINT. */

import { partsOfName } from "./relation-name.ts";
import type { Known } from "./rule.ts";
import type { Constraint } from "./schema-facts.ts";
import { constraintsOn } from "./table-ancestry.ts";

/** Those that an index backs, and that ON CONFLICT can lean on. */
export const indexBacked: readonly Constraint["kind"][] = ["unique", "primary-key", "exclude"];

/** Undefined where nothing is known of it. */
export function namedConstraint(
  { schema, serverMajor }: Known,
  table: string,
  name: string,
): Constraint | undefined {
  const known = constraintsOn(schema, table).find((one) => one.name === name);
  if (known !== undefined) return known;
  // Before 18 NOT NULL has no name.
  if (serverMajor !== undefined && serverMajor < 18) return undefined;
  const bare = partsOfName(table).name;
  const columns = [...schema.relation(table).columns.values()];
  const column = columns.find((one) => one.notNull && `${bare}_${one.name}_not_null` === name);
  if (column === undefined) return undefined;
  return {
    name, kind: "not-null", validated: true, columns: [column.name], references: undefined,
    referencedColumns: [], provesNotNull: [column.name],
  };
}

/** As people call it. */
export function shownKind({ kind }: Constraint): string {
  switch (kind) {
    case "check":
      return "check";
    case "not-null":
      return "not null";
    case "foreign-key":
      return "foreign key";
    case "unique":
      return "unique constraint";
    case "primary-key":
      return "primary key";
    case "exclude":
      return "exclusion constraint";
  }
}
