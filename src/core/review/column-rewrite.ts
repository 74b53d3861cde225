/** What a change of a column's type locks, writes and reads. */

import type { ChangedType } from "./changed-type.ts";
import { columnSequence, type ForeignTie, foreignTies } from "./column-ties.ts";
import type { Known, RelationLock } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { constraintsOn, indexesOn } from "./table-ancestry.ts";
import { sameLocks, storedTables, tableFamily } from "./table-locks.ts";

export interface ColumnEffects {
  readonly growsWith: readonly string[];
  readonly locks: readonly RelationLock[];
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
}

/** Where every row is written again; `stored` are the tables that are. */
export function columnRewrite(
  changed: ChangedType,
  known: Known,
): ColumnEffects & { readonly stored: readonly string[] } {
  const { schema } = known;
  const { table, name, stored } = changed;
  const sequences = identitySequence(changed, schema);
  const checked = foreignTies(schema, table, name).filter(({ constraint }) => constraint.validated);
  const others = checked.flatMap((tie) => storedTables(schema, tableFamily(schema, tie.table)));
  return {
    stored,
    growsWith: [...stored, ...others],
    locks: [...tiedLocks(changed, schema), ...sameLocks(sequences, "SHARE ROW EXCLUSIVE")],
    rewrites: [...stored, ...sequences],
    scans: [...stored, ...others],
  };
}

/** Where the rows can stay; `again` says for what they are read all the same. */
export function keptColumn(
  changed: ChangedType,
  { schema }: Known,
  indexes: "kept" | "rebuilt",
): ColumnEffects & { readonly again: readonly string[] } {
  const { name, stored, table } = changed;
  const sequences = identitySequence(changed, schema);
  const rebuildsAll = indexes === "rebuilt" || table.kind === "partitioned-table";
  const reasons = stored.map((one) => [
    ...constraintsOn(schema, one)
      .filter(({ kind, validated, columns }) =>
        kind === "check" && validated && columns.includes(name),
      )
      .map((check) => `the check ${check.name}`),
    ...indexesOn(schema, one).flatMap((index) => {
      if (index.columns.includes(name)) {
        const isKept = index.valid && !index.partial && !index.columns.includes("");
        return rebuildsAll || !isKept ? `the index ${index.name}` : [];
      }
      const mayUseIt = index.partial || index.columns.includes("");
      return mayUseIt ? `the index ${index.name} if its expression uses ${name}` : [];
    }),
  ]);
  const scans = stored.filter((_one, at) => (reasons[at] ?? []).length > 0);
  return {
    again: [...new Set(reasons.flat())],
    growsWith: scans,
    locks: [...tiedLocks(changed, schema), ...sameLocks(sequences, "SHARE ROW EXCLUSIVE")],
    rewrites: sequences,
    scans,
  };
}

/** A foreign key is dropped and made again, which locks the table at its other end. */
function tiedLocks(
  { tables, table, name }: ChangedType,
  schema: SchemaModel,
): readonly RelationLock[] {
  const ties: readonly ForeignTie[] = foreignTies(schema, table, name);
  const others = ties.flatMap((tie) => tableFamily(schema, tie.table));
  return sameLocks([...tables, ...others], "ACCESS EXCLUSIVE");
}

/** The sequence of an identity column gets the new type, even where that is the old one. */
function identitySequence(
  { column, table, name }: ChangedType,
  schema: SchemaModel,
): readonly string[] {
  const sequence = column?.identity === true ? columnSequence(schema, table, name) : undefined;
  return sequence === undefined ? [] : [sequence];
}
