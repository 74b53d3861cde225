/** Rehearses a plan: runs it on a copy of the target's schema, and says what was measured. */

import { measuredReview } from "../core/review/measured.ts";
import type {
  BrokenQuery, Rehearsal, Review, ReviewedFile, RehearsedQueries, WayBack,
} from "../core/review/review.ts";
import { smallTableBytes } from "../core/review/judge-statement.ts";
import { sectionsInOrder } from "../core/review/file-sections.ts";
import { unifiedDiff } from "../core/unified-diff.ts";
import type { LiveSchema } from "../pg/catalog.ts";
import type { SqlParser } from "../pg/sql-parser.ts";
import type { Context } from "./context.ts";
import type { LoadedStep } from "./migrations.ts";
import { type OpenTarget, readTargetLedger } from "./open-target.ts";
import { readReviewSource } from "./review-sources.ts";
import { brokenQueries, type Query, readQueries } from "./rehearse-queries.ts";
import {
  measuredByReview, type RehearsalRun, type RehearsedStep, runRehearsal, wayBack,
} from "./rehearsal-run.ts";
import { schemaText, type SchemaCopy, type Scratch, withScratch } from "./scratch.ts";

export interface RehearsalRequest {
  readonly review: Review;
  readonly steps: readonly LoadedStep[];
  /** Undefined where the target's database does not exist yet, or holds nothing. */
  readonly copy: SchemaCopy | undefined;
  readonly live: LiveSchema | undefined;
  readonly parser: SqlParser;
}

/** The review with what was measured in the place of claims, and what only a run shows. */
export async function rehearse(
  context: Context,
  request: RehearsalRequest,
): Promise<{ readonly review: Review; readonly rehearsal: Rehearsal }> {
  const { queriesDir } = context.config;
  const queries = queriesDir === "" ? undefined : readQueries(queriesDir);
  return withScratch(context, request.copy, async (scratch) => {
    const found = await runIn(context, scratch, request, queries);
    const statements = request.review.files.flatMap((file) => file.statements);
    const small = (request.live?.relations ?? []).filter(
      ({ bytes }) => bytes !== undefined && bytes <= smallTableBytes,
    );
    const review = measuredReview(request.review, {
      allowed: context.config.allowedRules,
      measured: measuredByReview(statements, found.measured),
      small: new Set(small.map(({ name }) => name)),
      rehearsal: found.rehearsal,
    });
    return { review, rehearsal: found.rehearsal };
  });
}

interface Found extends Pick<RehearsalRun, "measured"> {
  readonly rehearsal: Rehearsal;
}

async function runIn(
  context: Context,
  scratch: Scratch,
  request: RehearsalRequest,
  queries: readonly Query[] | undefined,
): Promise<Found> {
  const { open, description, settingsSql } = scratch;
  const place = { session: open.connection.session, settingsSql };
  const steps = request.steps.map((loaded, index) =>
    rehearsedStep(loaded, request.review.files[index]),
  );
  const before = await textOf(context, open);
  const brokenBefore = await brokenQueries(place.session, queries ?? []);
  const run = await runRehearsal(context, place, steps);
  const after = await textOf(context, open);
  const checked = queries === undefined
    ? undefined
    : await checkQueries(scratch, queries, brokenBefore);
  const wayBackSeen: WayBack = run.failure === undefined
    ? await goBack(context, scratch, { request, done: steps, before })
    : { kind: "not-run", why: "the plan did not come to its end" };
  return {
    measured: run.measured,
    rehearsal: {
      on: description,
      schemaDiff: diff(before, after, "after the plan"),
      wayBack: wayBackSeen,
      failure: run.failure,
      queries: checked,
      notes: notesOf(request, description, run),
    },
  };
}

function rehearsedStep(loaded: LoadedStep, file: ReviewedFile | undefined): RehearsedStep {
  return { loaded, statements: (file?.statements ?? []).map(({ source }) => source) };
}

async function textOf(context: Context, open: OpenTarget): Promise<string> {
  const ledger = await readTargetLedger(context, open);
  return new TextDecoder().decode(await schemaText(context, open, ledger));
}

function diff(before: string, after: string, name: string): string {
  if (before === after) return "";
  return unifiedDiff(
    { name: "schema before", text: before }, { name: `schema ${name}`, text: after },
  );
}

/** Those that were broken before are not the plan's fault. */
async function checkQueries(
  { open }: Scratch,
  queries: readonly Query[],
  brokenBefore: ReadonlyMap<Query, BrokenQuery>,
): Promise<RehearsedQueries> {
  const after = await brokenQueries(open.connection.session, queries);
  return {
    checked: queries.length,
    broken: [...after].flatMap(([query, one]) => (brokenBefore.has(query) ? [] : one)),
    brokenBefore: [...brokenBefore.values()],
  };
}

interface GoingBack {
  readonly request: RehearsalRequest;
  readonly done: readonly RehearsedStep[];
  readonly before: string;
}

async function goBack(
  context: Context,
  { open, settingsSql }: Scratch,
  { request, done, before }: GoingBack,
): Promise<WayBack> {
  if (done.length === 0) return { kind: "not-run", why: "nothing has run" };
  const steps = [...done].reverse().map((step) => {
    const back = wayBack(step);
    const { file, direction } = back.loaded.step.planned;
    const source = readReviewSource(file, (sql) => request.parser.parse(sql));
    const sections = sectionsInOrder(source, direction);
    return { ...back, statements: sections.flatMap(({ statements }) => statements) };
  });
  const place = { session: open.connection.session, settingsSql };
  const { failure } = await runRehearsal(context, place, steps);
  if (failure !== undefined) return { kind: "failed", failure };
  const after = await textOf(context, open);
  if (after === before) return { kind: "same" };
  return { kind: "differs", diff: diff(before, after, "after the plan and its way back") };
}

function notesOf(
  { copy }: RehearsalRequest,
  on: string,
  { measured, failure }: RehearsalRun,
): readonly string[] {
  const unseen = [...measured.values()].some(({ sawLocks }) => !sawLocks);
  const major = (version: string): string => /\d+/.exec(version)?.[0] ?? "";
  const own = copy === undefined ? undefined : major(copy.serverVersion);
  return [
    "the tables were empty: times say nothing of how long it takes on the target",
    ...(unseen
      ? ["locks of what cannot run in a transaction are gone when it ends: those are the rules'"]
      : []),
    ...(/extension ".*" is not available/.test(failure?.message ?? "")
      ? ["the extension may be there on another server: --scratch URL rehearses on one"]
      : []),
    ...(own === undefined || on.includes(`PostgreSQL ${own}`)
      ? []
      : [`the target is PostgreSQL ${own}: --scratch URL rehearses on a server of that version`]),
  ];
}
