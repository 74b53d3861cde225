/** Holds what rules claim of a statement against what a server did. */

import { type Effects, lockRank, type RelationLock } from "../core/review/rule.ts";
import type { SchemaFacts } from "../core/review/schema-facts.ts";
import type { SeenEffects } from "../pg/measure.ts";

/** One line for each difference; a claim of an index is held to, but no index must be claimed. */
export function differences(
  claimed: Effects,
  seen: SeenEffects,
  facts: SchemaFacts,
): readonly string[] {
  const tableOf = new Map(facts.indexes.map(({ name, table }) => [name, table]));
  return [
    ...lockDifferences(claimed.locks, seen),
    ...rewriteDifferences(claimed.rewrites, seen),
    ...scanDifferences(claimed.scans, seen, tableOf),
  ];
}

/** Without what it says of indexes: which of their locks shows depends on when one looks. */
export function ofTables(claimed: Effects, facts: SchemaFacts): Effects {
  const indexes = new Set(facts.indexes.map(({ name }) => name));
  return { ...claimed, locks: claimed.locks.filter(({ relation }) => !indexes.has(relation)) };
}

/** Locks that stop nobody's writes must be there if they are claimed, and may be there if not. */
const weakest = lockRank("SHARE UPDATE EXCLUSIVE");

function lockDifferences(
  claimed: readonly RelationLock[],
  { locks, onIndexes }: SeenEffects,
): readonly string[] {
  const all = [...locks, ...onIndexes.locks];
  const wrong = claimed.flatMap(({ relation, mode }) => {
    const held = all.find((one) => one.relation === relation)?.mode ?? "none";
    return held === mode ? [] : `lock of ${relation}: ${mode} is claimed, ${held} was taken`;
  });
  const claims = new Set(claimed.map(({ relation }) => relation));
  const missing = locks.flatMap(({ relation, mode }) =>
    lockRank(mode) >= weakest && !claims.has(relation)
      ? `lock of ${relation}: ${mode} was taken, none is claimed`
      : [],
  );
  return [...wrong, ...missing];
}

function rewriteDifferences(
  claimed: readonly string[],
  { rewrites, onIndexes }: SeenEffects,
): readonly string[] {
  const all = [...rewrites, ...onIndexes.rewrites];
  return [
    ...claimed.filter((name) => !all.includes(name))
      .map((name) => `rewrite of ${name}: it is claimed, and was not seen`),
    ...rewrites.filter((name) => !claimed.includes(name))
      .map((name) => `rewrite of ${name}: it was seen, and is not claimed`),
  ];
}

/**
 * All rows may also be read by way of an index, as the server finds cheaper. What gets a new file
 * counts as read even where the file is empty, since its indexes are built from it.
 */
function scanDifferences(
  claimed: readonly string[],
  { scans, rewrites, onIndexes }: SeenEffects,
  tableOf: ReadonlyMap<string, string>,
): readonly string[] {
  const byIndex = new Set(onIndexes.scans.map((index) => tableOf.get(index)));
  return [
    ...claimed.filter((name) => !scans.includes(name) && !byIndex.has(name))
      .map((name) => `scan of ${name}: it is claimed, and was not seen`),
    ...scans.filter((name) => !claimed.includes(name) && !rewrites.includes(name))
      .map((name) => `scan of ${name}: it was seen, and is not claimed`),
  ];
}
