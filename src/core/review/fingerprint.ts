/** Tells by a short text whether a target's history is still what a plan was made for. */

import type { JournalRow } from "../journal.ts";
import type { LedgerRow } from "../migration.ts";
import { compareNames } from "../version-id.ts";

/**
 * Over the versions and checksums that are applied and what the journal says is half run; when
 * and by whom does not count. The same history gives the same text on every machine.
 */
export function historyFingerprint(
  rows: readonly LedgerRow[],
  journal: readonly JournalRow[],
): string {
  const hash = new Bun.CryptoHasher("sha256");
  const applied = rows.map(({ version, checksum }) => [version, checksum ?? ""]);
  const begun = journal.map((row) => [
    row.version, row.direction, String(row.unit), row.hash, row.state,
  ]);
  for (const line of [...applied, ...begun].map((one) => JSON.stringify(one)).toSorted()) {
    hash.update(`${line}\n`);
  }
  return `history:${hash.digest("hex")}`;
}

/** The versions that are applied, in the order of the files. */
export function appliedVersions(rows: readonly LedgerRow[]): readonly string[] {
  return rows.map(({ version }) => version).toSorted(compareNames);
}
