/** Works out the run and prints it as a script for psql; reads the ledger and writes nothing. */

import { describeTarget } from "../core/database-url.ts";
import { reconcile } from "../core/history.ts";
import { quoteIdentifier } from "../core/identifier.ts";
import { plan } from "../core/plan.ts";
import { script } from "../core/script.ts";
import { ledgerColumns } from "../core/step-sql.ts";
import type { Timeouts } from "../core/timeouts.ts";
import { PgmateError } from "../errors.ts";
import { ensureLedgerSql, type Ledger, ledgerPlaces, whyColumnsStayOut } from "../pg/ledger.ts";
import type { Context } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome } from "./events.ts";
import { listFiles, loadSteps, noFiles } from "./migrations.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openTarget, readTargetLedger } from "./open-target.ts";
import { ledgerRequest, resolveTarget, timeoutsOf } from "./target.ts";

/** What `migrate` would do, for a database that may not exist yet. */
export async function dryRun(context: Context, options: MigrateOptions): Promise<Outcome> {
  const files = listFiles(context);
  if (files.length === 0 && options.request.kind === "up") throw noFiles(context);
  const seen = await look(context, options);
  const history = reconcile(files, seen.ledger.rows, seen.ledger.versionKind);
  const decided = plan(history, options.request);
  const planned = decided.steps;
  tellDisorder(context, history, decided);
  const loaded = loadSteps(planned, context.emit);
  const parts = script({
    header: header(context, seen.notes),
    ledgerSql: planned.length === 0 ? [] : ensureLedgerSql(seen.ledger),
    steps: loaded.map(({ step, snapshot }) => ({
      step,
      read: (range) => snapshot.read(range),
    })),
    table: seen.ledger.name,
    columns: new Set([...seen.ledger.columns, ...seen.ledger.absent]),
    timeouts: seen.timeouts,
  });
  return { kind: "script", parts, steps: planned };
}

interface Seen {
  readonly ledger: Ledger;
  readonly notes: readonly string[];
  readonly timeouts: Timeouts;
}

async function look(context: Context, options: MigrateOptions): Promise<Seen> {
  const target = resolveTarget(context);
  const wanted = ledgerRequest(context, target);
  try {
    const open = await openTarget(context, { purpose: "look", missing: "refuse" });
    try {
      const { facts } = open.connection;
      const notes = [`for ${describeTarget(target)}, PostgreSQL ${facts.serverVersion}`];
      const ledger = await readTargetLedger(context, open);
      const timeouts = timeoutsOf(context, open.connection);
      if (ledger.absent.length === 0) return { ledger, notes, timeouts };
      const reason = await whyColumnsStayOut(open.connection.session, ledger);
      if (reason === undefined) return { ledger, notes, timeouts };
      return { ledger: { ...ledger, absent: [] }, notes: [...notes, reason], timeouts };
    } finally {
      await open.close();
    }
  } catch (error) {
    const missing = error instanceof PgmateError && error.code === "database-missing";
    if (!missing || options.missingDatabase === "refuse") throw error;
  }
  const name = target.kind === "server" ? quoteIdentifier(target.database) : target.folder ?? "";
  const schema = ledgerPlaces(wanted, [])[0];
  return {
    ledger: {
      name: { schema, table: wanted.table },
      // A new database has this one from the start.
      schemaExists: schema === "public",
      exists: false,
      columns: new Set(ledgerColumns.map((column) => column.name)),
      absent: [],
      versionKind: "text",
      rows: [],
    },
    notes: [
      `for ${describeTarget(target)}`,
      `${name} does not exist yet: the run would make it; make it before you run this script`,
    ],
    timeouts: timeoutsOf(context, undefined),
  };
}

function header(context: Context, notes: readonly string[]): readonly string[] {
  const { version, command } = context.identity;
  return [
    `pgmate ${version}, dry run of ${command}`,
    ...notes,
    "left out: the run lock, new tries after a lock timeout, the journal of transaction:false " +
      "steps, and connection settings",
  ];
}
