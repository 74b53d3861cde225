/** Runs a plan that was made before: reads it, and refuses where anything has changed since. */

import type { MigrationFile } from "../core/migration.ts";
import { appliedVersions, historyFingerprint } from "../core/review/fingerprint.ts";
import { parsePlanFile, type PlanFile } from "../core/review/plan-file.ts";
import { compareNames } from "../core/version-id.ts";
import { readWhole } from "../disk/replace-file.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import type { LoadedStep } from "./migrations.ts";
import type { Records } from "./open-target.ts";
import { hashOfFile } from "./review-sources.ts";

/** Throws `usage` where it is none that could be run, and beside options that choose. */
export function approvedOptions({ config }: Context): MigrateOptions {
  const { planFile: path, to, steps, strict } = config;
  const others = [
    ...(to === undefined ? [] : ["--to"]),
    ...(steps === undefined ? [] : ["--steps"]),
    ...(strict ? ["--strict"] : []),
  ];
  if (others.length > 0) {
    throw new PgmateError("usage", `${others.join(", ")} would choose, and a plan has chosen`, {
      hint: `leave it out, or make another plan: pgmate plan ${others[0] ?? ""} …`,
    });
  }
  const bytes = readWhole(path);
  if (bytes === undefined) {
    throw new PgmateError("file-unreadable", `${path} does not exist`, {
      hint: "make it with `pgmate plan --format json -o FILE`",
      state: "nothing was changed",
    });
  }
  const approved = parsePlanFile(new TextDecoder().decode(bytes), path);
  const back = approved.steps.find(({ direction }) => direction === "down");
  if (back !== undefined) {
    throw new PgmateError("usage", `${path} is a plan of a rollback, which up does not run`, {
      hint: "pgmate rollback, with what the plan was made with",
      state: "nothing was changed",
    });
  }
  const versions = approved.steps.map(({ version }) => version);
  if (new Set(versions).size < versions.length) {
    throw new PgmateError("usage", `${path} names a version twice, as no plan does`, {
      hint: "make a new plan with `pgmate plan --format json -o FILE`",
      state: "nothing was changed",
    });
  }
  return { request: { kind: "planned", versions }, missingDatabase: "create", approved };
}

/** What the database knows of what ran in it. */
interface History {
  readonly ledger: Pick<Records["ledger"], "rows">;
  readonly journal: Pick<Records["journal"], "rows">;
}

/** Of a database that does not exist yet. */
export const noHistory: History = { ledger: { rows: [] }, journal: { rows: [] } };

/** Throws `plan-stale`, with the versions that came or went. */
export function refuseOtherHistory(
  approved: PlanFile | undefined,
  { ledger, journal }: History,
  files: readonly MigrationFile[],
): void {
  if (approved === undefined) return;
  if (approved.fingerprint !== historyFingerprint(ledger.rows, journal.rows)) {
    const now = appliedVersions(ledger.rows);
    const came = now.filter((version) => !approved.applied.includes(version));
    const went = approved.applied.filter((version) => !now.includes(version));
    const changes = [
      ...(came.length === 0 ? [] : [`${listed(came)} applied since`]),
      ...(went.length === 0 ? [] : [`${listed(went)} rolled back since`]),
    ];
    const what = changes.length === 0
      ? "a checksum, or what is half run, is another"
      : changes.join(", ");
    throw stale(`the history of the database is not that of the plan: ${what}`);
  }
  const gone = approved.steps.find(
    ({ version }) => !files.some((file) => file.version === version),
  );
  if (gone !== undefined) throw stale(`${gone.path} of the plan is gone`);
}

/** Throws `plan-stale`, with the names of the files. */
export function refuseOtherFiles(
  approved: PlanFile | undefined,
  steps: readonly LoadedStep[],
  pending: readonly MigrationFile[],
): void {
  if (approved === undefined) return;
  const last = steps.at(-1)?.step.planned.file.name ?? "";
  const planned = new Set(steps.map(({ step }) => step.planned.file));
  const between = pending.find(
    (file) => compareNames(file.name, last) < 0 && !planned.has(file),
  );
  if (between !== undefined) {
    throw stale(`${between.path} came since, and comes before the last file of the plan`);
  }
  const changed = steps.filter(({ step, snapshot }) => {
    const known = approved.steps.find(({ version }) => version === step.planned.file.version);
    return known?.sha256 !== hashOfFile(snapshot);
  });
  if (changed.length === 0) return;
  const names = changed.map(({ step }) => step.planned.file.path);
  throw stale(`changed since the plan was made: ${listed(names)}`);
}

const mostListed = 5;

function listed(names: readonly string[]): string {
  const more = names.length > mostListed ? ` and ${names.length - mostListed} more` : "";
  return names.slice(0, mostListed).join(", ") + more;
}

function stale(message: string): PgmateError {
  return new PgmateError("plan-stale", message, {
    hint: "look at what is true now: make a new plan with `pgmate plan --format json -o FILE`",
    state: "nothing was changed by this run",
  });
}
