/** `plan`: judges what a run would do, for the target as it is; writes nothing. */

import { describeTarget } from "../core/database-url.ts";
import { reconcile } from "../core/history.ts";
import type { MigrationFile } from "../core/migration.ts";
import { plan, type Request } from "../core/plan.ts";
import { appliedVersions, historyFingerprint } from "../core/review/fingerprint.ts";
import { type FileToJudge, reviewFiles } from "../core/review/judge.ts";
import { smallTableBytes } from "../core/review/judge-statement.ts";
import type { PlannedFile, Review, ReviewTarget } from "../core/review/review.ts";
import { ruleSet } from "../core/review/rules.ts";
import { noFacts } from "../core/review/schema-facts.ts";
import { PgmateError } from "../errors.ts";
import { type LiveSchema, readSchemaFacts } from "../pg/catalog.ts";
import type { Ledger } from "../pg/ledger.ts";
import { loadSqlParser, type SqlParser } from "../pg/sql-parser.ts";
import type { Context } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome } from "./events.ts";
import { look, type Seen } from "./look.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { rollbackRequest, upRequest } from "./migrate-options.ts";
import { listFiles, type LoadedStep, loadSteps, noFiles } from "./migrations.ts";
import type { OpenTarget } from "./open-target.ts";
import type { RehearsalRequest } from "./rehearse.ts";
import type { SchemaCopy } from "./scratch.ts";
import { resolveTarget } from "./target.ts";
import { answerOf, documentBase, refuseOverwriting, refuseUnknownRules } from "./review-answer.ts";
import { hashOfFile, readReviewSource } from "./review-sources.ts";

/** What is read of the target while it is open. */
interface Found {
  readonly live: LiveSchema;
  /** Undefined where nothing is to be rehearsed. */
  readonly copy: SchemaCopy | undefined;
}

/**
 * What `up`, or `rollback`, would do now. Refuses what they would refuse. The answer is no where
 * the verdict is that of --fail-on or worse.
 */
export async function planReview(context: Context): Promise<Outcome> {
  const { config } = context;
  refuseUnknownRules(config);
  refuseIdleOptions(context);
  const options = planOptions(context);
  const files = listFiles(context);
  if (files.length === 0 && options.request.kind === "up") throw noFiles(context);
  refuseOverwriting(config, files);
  const seen = await look<Found>(context, options.missingDatabase, {
    purpose: config.rehearse && hasFolderOrServer(context) ? "dump" : "look",
    also: async (open, { ledger }) => ({
      live: await readSchemaFacts(open.connection.session, open.connection.facts.schemas),
      copy: config.rehearse ? await copyOf(context, open, ledger) : undefined,
    }),
  });
  const { ledger, journal } = seen;
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  const decided = plan(history, options.request);
  tellDisorder(context, history, decided);
  const steps = loadSteps(decided.steps, context.emit);
  tellBegun(context, steps);
  if (config.rehearse) refuseBegun(steps);
  const parser = await loadSqlParser();
  const judged = judge(context, { steps, files, live: seen.also?.live, parser });
  const { review, rehearsal } = config.rehearse
    ? await rehearsed(context, {
        review: judged, steps, copy: seen.also?.copy, live: seen.also?.live, parser,
      })
    : { review: judged, rehearsal: undefined };
  return {
    kind: "review",
    document: {
      ...documentBase(context),
      command: "plan",
      direction: options.request.kind === "rollback" ? "down" : "up",
      review,
      target: targetOf(seen),
      plannedFiles: steps.map(plannedFile),
      rehearsal,
      failOn: config.failOn,
      // What failed in the rehearsal would fail in the run, whatever one fails on.
      answer: rehearsal?.failure === undefined ? answerOf(review, config.failOn) : "no",
    },
    script: config.format === "sql" ? await scriptParts(context, options) : undefined,
  };
}

/** Loaded late: a plan without a rehearsal needs neither the embedded Postgres nor pg_dump. */
async function rehearsed(
  context: Context,
  request: RehearsalRequest,
): ReturnType<typeof import("./rehearse.ts").rehearse> {
  const { rehearse } = await import("./rehearse.ts");
  return rehearse(context, request);
}

/** An embedded database in memory begins with the command: there is nothing to dump. */
function hasFolderOrServer(context: Context): boolean {
  const target = resolveTarget(context);
  return target.kind === "server" || target.folder !== undefined;
}

async function copyOf(
  context: Context,
  open: OpenTarget,
  ledger: Ledger,
): Promise<SchemaCopy | undefined> {
  if (!hasFolderOrServer(context)) return undefined;
  const { copySchema } = await import("./scratch.ts");
  return copySchema(context, open, ledger);
}

/** A rehearsal would begin it again, on a copy that holds what has run of it. */
function refuseBegun(steps: readonly LoadedStep[]): void {
  const begun = steps.find(({ step: { planned } }) => planned.begun.length > 0);
  if (begun === undefined) return;
  throw new PgmateError("dirty", `${begun.step.planned.file.name} is half run`, {
    hint: "finish it before a rehearsal: `pgmate status` tells where it goes on",
    state: "nothing was written to the target",
  });
}

/** What of it has run is judged with the rest: a reading cannot tell what is left of it. */
function tellBegun({ emit }: Context, steps: readonly LoadedStep[]): void {
  for (const { step: { planned } } of steps) {
    if (planned.begun.length === 0) continue;
    const message =
      `${planned.file.name} is half run: the plan judges all of it, \`pgmate status\` tells ` +
      "where it goes on";
    emit({ kind: "warning", message });
  }
}

function planOptions(context: Context): MigrateOptions {
  const { rollback, all } = context.config;
  if (rollback) return { request: rollbackRequest(context), missingDatabase: "refuse" };
  if (!all) return { request: upRequest(context), missingDatabase: "create" };
  throw new PgmateError("usage", "--all is for the way back: all that is pending is planned", {
    hint: "pgmate plan --rollback --all",
  });
}

/** An option that would do nothing was meant to do something. */
function refuseIdleOptions({ config }: Context): void {
  if (config.queriesDir === "" || config.rehearse) return;
  throw new PgmateError("usage", "--queries is looked at by a rehearsal only", {
    hint: "pgmate plan --rehearse --queries DIR",
  });
}

interface Judging {
  readonly steps: readonly LoadedStep[];
  readonly files: readonly MigrationFile[];
  readonly live: LiveSchema | undefined;
  readonly parser: SqlParser;
}

function judge({ config }: Context, { steps, files, live, parser }: Judging): Review {
  const toJudge = steps.map(({ step: { planned } }): FileToJudge => ({
    read: () => readReviewSource(planned.file, (sql) => parser.parse(sql)),
    direction: planned.direction,
    as: "judged",
  }));
  return reviewFiles({
    files: toJudge,
    folder: files,
    facts: live ?? noFacts,
    known: {
      serverMajor: live?.serverMajor, timeZone: live?.timeZone,
      source: live === undefined ? "files" : "database",
    },
    rules: ruleSet,
    allowed: config.allowedRules,
    batch: "all",
    smallBytes: smallTableBytes,
  });
}

function targetOf({ target, serverVersion, ledger, journal }: Seen<Found>): ReviewTarget {
  return {
    description: describeTarget(target),
    serverVersion: serverVersion ?? "",
    fingerprint: historyFingerprint(ledger.rows, journal.rows),
    applied: appliedVersions(ledger.rows),
  };
}

function plannedFile({ step: { planned }, snapshot }: LoadedStep): PlannedFile {
  const { direction, file } = planned;
  return { direction, version: file.version, path: file.path, sha256: hashOfFile(snapshot) };
}

/** The script of a dry run, which stands under the review. */
async function scriptParts(
  context: Context,
  options: { readonly request: Request; readonly missingDatabase: "create" | "refuse" },
): Promise<Iterable<Uint8Array>> {
  const { dryRun } = await import("./dry-run.ts");
  const outcome = await dryRun(context, options);
  return outcome.kind === "script" ? outcome.parts : [];
}
