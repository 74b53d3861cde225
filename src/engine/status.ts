/** What is applied and what is pending; writes nothing and takes no lock. */

import { reconcile } from "../core/history.ts";
import type { LedgerRow, MigrationFile } from "../core/migration.ts";
import { compareNames } from "../core/version-id.ts";
import type { Ledger } from "../pg/ledger.ts";
import type { Context } from "./context.ts";
import type { Outcome, StatusEntry } from "./events.ts";
import { checksumOf, listFiles } from "./migrations.ts";
import { openTarget, readTargetLedger } from "./open-target.ts";

/** Files in their order, then rows without files. The answer is no while something is pending. */
export async function status(context: Context): Promise<Outcome> {
  const files = listFiles(context);
  const ledger = await look(context);
  const history = reconcile(files, ledger.rows, ledger.versionKind);
  const withChecksums = context.config.long || context.config.json;
  const entries = history.entries.map(({ file, row }): StatusEntry => {
    const checksum = withChecksums ? checksumState(file, row) : "none";
    return { version: file.version, file, row, checksum };
  });
  const homeless = [...history.missing, ...history.unreadable];
  const missing = homeless
    .sort((left, right) => compareNames(left.version, right.version))
    .map((row): StatusEntry => ({
      version: row.version, file: undefined, row, checksum: "none",
    }));
  const answer = history.pending.length > 0 && context.config.exitCode ? "no" : "yes";
  return { kind: "status", entries, missing, answer };
}

/** The newest applied version in file order, as golang-migrate's users know it. */
export async function version(context: Context): Promise<Outcome> {
  const ledger = await look(context);
  const versions = ledger.rows.map((row) => row.version);
  // A number has lost its zeros, so that its order as text is not that of the files.
  const width = Math.max(0, ...versions.map((version) => version.length));
  const order = (version: string): string =>
    ledger.versionKind === "numeric" ? version.padStart(width, "0") : version;
  versions.sort((left, right) => compareNames(order(left), order(right)));
  return { kind: "version", version: versions.at(-1), dirty: false };
}

async function look(context: Context): Promise<Ledger> {
  const open = await openTarget(context, { purpose: "read", missing: "refuse" });
  try {
    return await readTargetLedger(context, open);
  } finally {
    await open.close();
  }
}

function checksumState(file: MigrationFile, row: LedgerRow | undefined): StatusEntry["checksum"] {
  if (row?.checksum === undefined || row.checksum === "") return "none";
  const now = checksumOf(file);
  if (now === undefined) return "unreadable";
  return now === row.checksum ? "same" : "changed";
}
