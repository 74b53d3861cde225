/** Works out the run and prints it as a script for psql; reads the ledger and writes nothing. */

import { describeTarget } from "../core/database-url.ts";
import { reconcile } from "../core/history.ts";
import { quoteIdentifier, type TableName } from "../core/identifier.ts";
import { clearJournalSql, journalName } from "../core/journal.ts";
import { plan } from "../core/plan.ts";
import { script, type ScriptResume, type ScriptStep } from "../core/script.ts";
import { ledgerColumns } from "../core/step-sql.ts";
import type { Timeouts } from "../core/timeouts.ts";
import { PgmateError } from "../errors.ts";
import { ensureLedgerSql, ledgerPlaces, whyColumnsStayOut } from "../pg/ledger.ts";
import type { Context } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome } from "./events.ts";
import { listFiles, type LoadedStep, loadSteps, noFiles } from "./migrations.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openTarget, readRecords, type Records } from "./open-target.ts";
import { resumeOf, stepUnits } from "./resume.ts";
import { ledgerRequest, resolveTarget, timeoutsOf } from "./target.ts";

/** What `migrate` would do, for a database that may not exist yet. */
export async function dryRun(context: Context, options: MigrateOptions): Promise<Outcome> {
  const files = listFiles(context);
  if (files.length === 0 && options.request.kind === "up") throw noFiles(context);
  const seen = await look(context, options);
  const { ledger, journal } = seen;
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  const decided = plan(history, options.request);
  const planned = decided.steps;
  tellDisorder(context, history, decided);
  const loaded = loadSteps(planned, context.emit);
  const steps = loaded.map((one): ScriptStep => ({
    step: one.step,
    read: (range) => one.snapshot.read(range),
    resume: scriptResume(one, journal.name),
  }));
  const begun = steps.filter(({ resume }) => resume !== undefined);
  const goingOn = begun.map(
    ({ step }) =>
      `${step.planned.file.name} goes on where a run before had stopped; what that left half ` +
      "done, such as an invalid index, is settled by a run and not by this script",
  );
  const parts = script({
    header: header(context, [...seen.notes, ...goingOn]),
    ledgerSql: planned.length === 0 ? [] : ensureLedgerSql(ledger),
    steps,
    table: ledger.name,
    columns: new Set([...ledger.columns, ...ledger.absent]),
    timeouts: seen.timeouts,
  });
  return { kind: "script", parts, steps: planned };
}

function scriptResume(loaded: LoadedStep, journal: TableName): ScriptResume | undefined {
  const { planned, transactional } = loaded.step;
  const point = resumeOf(loaded);
  if (planned.begun.length === 0) return undefined;
  const clearSql = clearJournalSql(journal, [planned.version]);
  if (transactional) return { settings: [], unit: undefined, clearSql };
  for (const unit of stepUnits(loaded)) {
    if (unit.number === point.unit) return { settings: point.settings, unit, clearSql };
  }
  return { settings: point.settings, unit: undefined, clearSql };
}

interface Seen extends Records {
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
      const { ledger, journal } = await readRecords(context, open);
      const timeouts = timeoutsOf(context, open.connection);
      if (ledger.absent.length === 0) return { ledger, journal, notes, timeouts };
      const reason = await whyColumnsStayOut(open.connection.session, ledger);
      if (reason === undefined) return { ledger, journal, notes, timeouts };
      const asItIs = { ...ledger, absent: [] };
      return { ledger: asItIs, journal, notes: [...notes, reason], timeouts };
    } finally {
      await open.close();
    }
  } catch (error) {
    const missing = error instanceof PgmateError && error.code === "database-missing";
    if (!missing || options.missingDatabase === "refuse") throw error;
  }
  const name = target.kind === "server" ? quoteIdentifier(target.database) : target.folder ?? "";
  const ledgerName = { schema: ledgerPlaces(wanted, [])[0], table: wanted.table };
  return {
    journal: { name: journalName(ledgerName), exists: false, rows: [] },
    ledger: {
      name: ledgerName,
      // A new database has this one from the start.
      schemaExists: ledgerName.schema === "public",
      exists: false,
      columns: new Set(ledgerColumns.map((column) => column.name)),
      absent: [],
      versionKind: "text",
      hasJournal: false,
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
