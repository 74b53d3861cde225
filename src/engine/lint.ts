/** `lint`: judges files, all of them or some, without a database unless one is asked for. */

import { basename } from "node:path";
import { describeTarget } from "../core/database-url.ts";
import { reconcile } from "../core/history.ts";
import type { MigrationFile } from "../core/migration.ts";
import { appliedVersions, historyFingerprint } from "../core/review/fingerprint.ts";
import { type FileToJudge, reviewFiles } from "../core/review/judge.ts";
import { smallTableBytes } from "../core/review/judge-statement.ts";
import type { ReviewTarget } from "../core/review/review.ts";
import { allRules, ruleSet } from "../core/review/rules.ts";
import { noFacts } from "../core/review/schema-facts.ts";
import type { SourceFile } from "../core/review/source.ts";
import { compareNames, parseFileName } from "../core/version-id.ts";
import { findMigrations, kindOfPath, realPathOf } from "../disk/migration-files.ts";
import { PgmateError } from "../errors.ts";
import { type LiveSchema, readSchemaFacts } from "../pg/catalog.ts";
import { loadSqlParser } from "../pg/sql-parser.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./events.ts";
import { look } from "./look.ts";
import { listFiles } from "./migrations.ts";
import {
  answerOf, documentBase, findRule, refuseOverwriting, refuseUnknownRules,
} from "./review-answer.ts";
import { readReviewSource } from "./review-sources.ts";

/**
 * All files, those that are named, or those that --since says have changed. Without a database
 * each of all files is judged as if those before it were applied; some that are chosen are judged
 * as one batch. The answer is no where a finding is of the class of --fail-on (risky) or worse.
 */
export async function lint(context: Context, paths: readonly string[]): Promise<Outcome> {
  const { config } = context;
  if (config.listRules) return { kind: "rules", rules: allRules };
  if (config.explainRule !== undefined) {
    return { kind: "rule", rule: findRule(config.explainRule) };
  }
  refuseUnknownRules(config);
  if (config.format === "sql") {
    throw new PgmateError("usage", "--format sql is for plan, which knows what would run", {
      hint: "pgmate plan --format sql",
    });
  }
  const given = filesNamed(paths);
  const isChosen = paths.length > 0 || config.since !== undefined;
  const files = filesInOrder(context, given);
  refuseOverwriting(config, files);
  const chosen = await chosenFiles(context, files, given);
  const seen = config.urlIsAsked ? await lookAtTarget(context, files) : undefined;
  const parser = await loadSqlParser();
  const last = files.findLastIndex((file) => chosen.includes(file));
  const toJudge = files.slice(0, last + 1).flatMap((file): readonly FileToJudge[] => {
    const as = howToJudge(file, chosen, seen?.applied);
    if (as === undefined) return [];
    const read = (): SourceFile => readReviewSource(file, (sql) => parser.parse(sql));
    return [{ read, direction: "up", as }];
  });
  const reviewed = reviewFiles({
    files: toJudge,
    folder: files,
    facts: seen?.live ?? noFacts,
    known: {
      serverMajor: seen?.live?.serverMajor, timeZone: seen?.live?.timeZone,
      source: seen?.live === undefined ? "files" : "database",
    },
    rules: ruleSet,
    allowed: config.allowedRules,
    batch: isChosen || seen !== undefined ? "all" : "file",
    smallBytes: smallTableBytes,
  });
  const asked = new Set(chosen.map(({ path }) => path));
  // A file that was not asked for is the other half of a finding, and none of its own.
  const findings = reviewed.findings.filter(({ place }) =>
    place === undefined || asked.has(place.path),
  );
  const review = { ...reviewed, findings };
  const failOn = config.failOn ?? "risky";
  return {
    kind: "review",
    document: {
      ...documentBase(context),
      command: "lint",
      direction: "up",
      review,
      target: seen?.target,
      plannedFiles: [],
      rehearsal: undefined,
      failOn,
      answer: answerOf(review, failOn),
    },
    script: undefined,
  };
}

/** A folder stands for the migrations in it. Throws `file-unreadable` for what is not there. */
function filesNamed(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    switch (kindOfPath(path)) {
      case "folder":
        return findMigrations([path]).files.map((file) => file.path);
      case "nothing":
        throw new PgmateError("file-unreadable", `${path} does not exist`, {
          hint: "name files, or a folder of migrations; without any, all files are looked at",
        });
      case "file":
        return path;
    }
  });
}

/** The folder's files and those that are named beside it, in the order in which they run. */
function filesInOrder(context: Context, paths: readonly string[]): readonly MigrationFile[] {
  // Files that are named need no folder around them.
  const inFolder = paths.length === 0 ? listFiles(context) : filesIfAny(context);
  const known = new Set(inFolder.map(({ path }) => realPathOf(path)));
  const others = [...new Map(paths.map((path) => [realPathOf(path), path]))]
    .filter(([real]) => !known.has(real))
    .map(([, path]) => fileAt(path));
  return [...inFolder, ...others].sort((left, right) => compareNames(left.name, right.name));
}

function filesIfAny(context: Context): readonly MigrationFile[] {
  try {
    return listFiles({ ...context, emit: () => {} });
  } catch (error) {
    if (error instanceof PgmateError && error.code === "directory-missing") return [];
    throw error;
  }
}

/** A file outside of the folder may have any name. */
function fileAt(path: string): MigrationFile {
  const name = basename(path);
  return { ...(parseFileName(name) ?? { version: name, description: "" }), name, path };
}

async function chosenFiles(
  context: Context,
  files: readonly MigrationFile[],
  paths: readonly string[],
): Promise<readonly MigrationFile[]> {
  const { since } = context.config;
  if (since === undefined && paths.length === 0) return files;
  const named = new Set(paths.map(realPathOf));
  const isNamed = (file: MigrationFile): boolean =>
    paths.length === 0 || named.has(realPathOf(file.path));
  if (since === undefined) return files.filter(isNamed);
  const { changedSince } = await import("../tools/git.ts");
  const changed = new Set(
    (await changedSince(since, context.config.environment, context.signal)).map(realPathOf),
  );
  return files.filter((file) => isNamed(file) && changed.has(realPathOf(file.path)));
}

/** Undefined for what has run, and so is in the facts already. */
function howToJudge(
  file: MigrationFile,
  chosen: readonly MigrationFile[],
  applied: ReadonlySet<MigrationFile> | undefined,
): FileToJudge["as"] | undefined {
  if (chosen.includes(file)) return applied?.has(file) === true ? "applied" : "judged";
  return applied === undefined || !applied.has(file) ? "before" : undefined;
}

interface SeenTarget {
  readonly live: LiveSchema | undefined;
  readonly applied: ReadonlySet<MigrationFile>;
  readonly target: ReviewTarget;
}

async function lookAtTarget(
  context: Context,
  files: readonly MigrationFile[],
): Promise<SeenTarget> {
  const seen = await look(context, "create", {
    purpose: "look",
    also: ({ connection }) => readSchemaFacts(connection.session, connection.facts.schemas),
  });
  const { ledger, journal } = seen;
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  return {
    live: seen.also,
    applied: new Set(history.entries.flatMap(({ file, row }) => (row === undefined ? [] : file))),
    target: {
      description: describeTarget(seen.target),
      serverVersion: seen.serverVersion ?? "",
      fingerprint: historyFingerprint(ledger.rows, journal.rows),
      applied: appliedVersions(ledger.rows),
    },
  };
}
