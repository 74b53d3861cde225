/** Looks at a target without touching it: its history, for a database that may not exist yet. */

import type { Target } from "../core/database-url.ts";
import { journalName } from "../core/journal.ts";
import { ledgerColumns } from "../core/step-sql.ts";
import type { Timeouts } from "../core/timeouts.ts";
import { PgmateError } from "../errors.ts";
import { type Ledger, ledgerPlaces } from "../pg/ledger.ts";
import type { Context } from "./context.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openTarget, type OpenTarget, readRecords, type Records } from "./open-target.ts";
import { ledgerRequest, resolveTarget, timeoutsOf } from "./target.ts";

export interface Seen<Also> extends Records {
  readonly target: Target;
  /** As the server calls it; undefined where the database does not exist yet. */
  readonly serverVersion: string | undefined;
  readonly timeouts: Timeouts;
  /** Undefined where the database does not exist yet. */
  readonly also: Also | undefined;
}

export interface Looking<Also> {
  readonly purpose: "look" | "dump";
  /** What else is to be read while the target is open. */
  readonly also: (open: OpenTarget, records: Records) => Promise<Also>;
}

/** A database that is missing holds nothing, where the run would make it; else it is an error. */
export async function look<Also>(
  context: Context,
  missingDatabase: MigrateOptions["missingDatabase"],
  looking: Looking<Also>,
): Promise<Seen<Also>> {
  const target = resolveTarget(context);
  try {
    const open = await openTarget(context, { purpose: looking.purpose, missing: "refuse" });
    try {
      const records = await readRecords(context, open);
      const { serverVersion } = open.connection.facts;
      const timeouts = timeoutsOf(context, open.connection);
      const also = await looking.also(open, records);
      return { ...records, target, serverVersion, timeouts, also };
    } finally {
      await open.close();
    }
  } catch (error) {
    const missing = error instanceof PgmateError && error.code === "database-missing";
    if (!missing || missingDatabase === "refuse") throw error;
  }
  const ledger = absentLedger(context, target);
  return {
    target, serverVersion: undefined, timeouts: timeoutsOf(context, undefined), also: undefined,
    ledger, journal: { name: journalName(ledger.name), exists: false, rows: [] },
  };
}

function absentLedger(context: Context, target: Target): Ledger {
  const wanted = ledgerRequest(context, target);
  const name = { schema: ledgerPlaces(wanted, [])[0], table: wanted.table };
  return {
    name,
    // A new database has this one from the start.
    schemaExists: name.schema === "public",
    exists: false,
    columns: new Set(ledgerColumns.map((column) => column.name)),
    absent: [],
    versionKind: "text",
    hasJournal: false,
    rows: [],
  };
}
