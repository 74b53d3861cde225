/** What is known of nulls in the columns of a key. */

import type { Known } from "./rule.ts";
import { constraintsOn } from "./table-ancestry.ts";

/** Those of the columns that nothing proves to hold no null. */
export function nullable(
  { schema }: Known,
  table: string,
  columns: readonly string[],
): readonly string[] {
  const known = schema.relation(table).columns;
  const proven = constraintsOn(schema, table)
    .filter(({ validated }) => validated)
    .flatMap(({ provesNotNull }) => provesNotNull);
  return columns.filter((one) => known.get(one)?.notNull !== true && !proven.includes(one));
}

export interface NotNullFault {
  readonly reason: string;
  readonly instead: string;
}

/** A NOT NULL that is NOT VALID, which 18 has brought, makes the server refuse another one. */
export function unvalidatedNotNull(
  { schema }: Known,
  table: string,
  columns: readonly string[],
): NotNullFault | undefined {
  const found = constraintsOn(schema, table).find(({ kind, validated, columns: [column] }) =>
    kind === "not-null" && !validated && column !== undefined && columns.includes(column),
  );
  if (found === undefined) return undefined;
  return {
    reason: `the not null ${found.name} of ${table} is not validated, and is in the way`,
    instead: `alter table ${table} validate constraint ${found.name}`,
  };
}
