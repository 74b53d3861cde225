/** Works out the run and prints it as a script for psql; reads the ledger and writes nothing. */

import { describeTarget } from "../core/database-url.ts";
import { reconcile } from "../core/history.ts";
import { quoteIdentifier, type TableName } from "../core/identifier.ts";
import { clearJournalSql } from "../core/journal.ts";
import { plan } from "../core/plan.ts";
import { script, type ScriptResume, type ScriptStep } from "../core/script.ts";
import { ensureLedgerSql, type Ledger, whyColumnsStayOut } from "../pg/ledger.ts";
import { refuseOtherFiles, refuseOtherHistory } from "./approved-plan.ts";
import type { Context } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome } from "./events.ts";
import { look, type Seen } from "./look.ts";
import { listFiles, type LoadedStep, loadSteps, noFiles } from "./migrations.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import type { OpenTarget } from "./open-target.ts";
import { resumeOf, stepUnits } from "./resume.ts";

/** What `migrate` would do, for a database that may not exist yet. */
export async function dryRun(context: Context, options: MigrateOptions): Promise<Outcome> {
  const files = listFiles(context);
  if (files.length === 0 && options.request.kind === "up") throw noFiles(context);
  const seen = await look(context, options.missingDatabase, {
    purpose: "look",
    also: async (open, records) => whyLedgerStays(open, records.ledger),
  });
  const { journal } = seen;
  refuseOtherHistory(options.approved, seen, files);
  const reason = seen.also;
  const ledger = reason === undefined ? seen.ledger : { ...seen.ledger, absent: [] };
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  const decided = plan(history, options.request);
  const planned = decided.steps;
  tellDisorder(context, history, decided);
  const loaded = loadSteps(planned, context.emit);
  refuseOtherFiles(options.approved, loaded, history.pending);
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
    header: header(context, [...notesOf(seen), ...goingOn]),
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

/** Undefined where nothing keeps the columns from being added, or none lack. */
async function whyLedgerStays(open: OpenTarget, ledger: Ledger): Promise<string | undefined> {
  if (ledger.absent.length === 0) return undefined;
  return whyColumnsStayOut(open.connection.session, ledger);
}

function notesOf({
  target, serverVersion, also: reason,
}: Seen<string | undefined>): readonly string[] {
  const where = describeTarget(target);
  if (serverVersion !== undefined) {
    const notes = [`for ${where}, PostgreSQL ${serverVersion}`];
    return reason === undefined ? notes : [...notes, reason];
  }
  const name = target.kind === "server" ? quoteIdentifier(target.database) : target.folder ?? "";
  return [
    `for ${where}`,
    `${name} does not exist yet: the run would make it; make it before you run this script`,
  ];
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
