/**
 * A review as one JSON document, the format `pgmate-review/1`:
 *
 * - `format`, `command` (`plan` or `lint`), `pgmate`, `madeAt`, `direction`
 * - `verdict` (`safe`, `risky`, `breaking`), `answer` (`yes`, `no`), `failOn` (or null)
 * - `target`: `description`, `serverVersion`, `fingerprint` of the history, `applied` versions in
 *   the order of the files; null without a database
 * - `steps`: `direction`, `version`, `file`, `sha256` of each file in the order in which it runs
 * - `files`: what the review says of each, down to statements and findings
 * - `findings`: about the folder as a whole
 * - `rehearsal`: what was seen; null where there was none
 *
 * Fields may be added; none goes or changes its meaning without another number in the format.
 * Passwords in SQL and messages are blanked with `*`.
 */

import { reviewFormat } from "../core/review/plan-file.ts";
import type {
  Finding, Rehearsal, RehearsalFailure, ReviewDocument, ReviewedFile, ReviewedStatement, WayBack,
} from "../core/review/review.ts";
import type { Effects } from "../core/review/rule.ts";
import { unreachable } from "../errors.ts";
import { jsonText } from "./json-text.ts";
import { dataDocument } from "./review-shown.ts";

export function reviewJson(document: ReviewDocument): string {
  const shown = dataDocument(document);
  const { review, target, rehearsal } = shown;
  return jsonText({
    format: reviewFormat,
    command: shown.command,
    pgmate: shown.pgmateVersion,
    madeAt: shown.madeAt,
    direction: shown.direction,
    verdict: review.verdict,
    answer: shown.answer,
    failOn: shown.failOn ?? null,
    target: target === undefined ? null : {
      description: target.description,
      serverVersion: target.serverVersion,
      fingerprint: target.fingerprint,
      applied: target.applied,
    },
    steps: shown.plannedFiles.map(({ direction, version, path, sha256 }) => ({
      direction, version, file: path, sha256,
    })),
    files: review.files.map(documentFile),
    findings: review.findings.map(documentFinding),
    rehearsal: rehearsal === undefined ? null : documentRehearsal(rehearsal),
  });
}

function documentFile(reviewed: ReviewedFile): object {
  const { file, direction, transactional, verdict, findings, statements } = reviewed;
  return {
    file: file.path,
    version: file.version,
    direction,
    transactional,
    verdict,
    findings: findings.map(documentFinding),
    statements: statements.map(documentStatement),
  };
}

function documentStatement(statement: ReviewedStatement): object {
  const { source, verdict, findings, loses, undo, measured } = statement;
  return {
    line: source.line,
    endLine: source.endLine,
    command: source.command,
    sql: source.text,
    // Of a statement that is too long only the beginning is kept.
    sqlIsWhole: source.unread?.kind !== "long",
    verdict,
    findings: findings.map(documentFinding),
    ...documentEffects(statement),
    loses,
    undo: undo === undefined ? null : { undone: undo.undone, why: undo.why, loses: undo.loses },
    measured: measured === undefined ? null : {
      ms: Math.round(measured.ms * 1000) / 1000,
      sawLocks: measured.sawLocks,
      ...documentEffects(measured),
    },
  };
}

function documentEffects({ locks, rewrites, scans }: Effects): object {
  return { locks: locks.map(({ relation, mode }) => ({ relation, mode })), rewrites, scans };
}

function documentFinding(finding: Finding): object {
  const { rule, classes, reason, instead, place, dismissed } = finding;
  return {
    rule,
    classes,
    reason,
    instead: instead ?? null,
    file: place?.path ?? null,
    line: place?.line ?? null,
    dismissed: dismissed === undefined ? null : {
      kind: dismissed.kind,
      reason: dismissed.kind === "ignored" ? dismissed.reason : null,
    },
  };
}

function documentRehearsal(rehearsal: Rehearsal): object {
  const { on, schemaDiff, wayBack, failure, queries, notes } = rehearsal;
  return {
    on,
    schemaDiff,
    wayBack: documentWayBack(wayBack),
    failure: failure === undefined ? null : documentFailure(failure),
    queries: queries === undefined ? null : {
      checked: queries.checked,
      broken: queries.broken.map(documentQuery),
      brokenBefore: queries.brokenBefore.map(documentQuery),
    },
    notes,
  };
}

function documentQuery({ path, line, text, message }: {
  readonly path: string; readonly line: number; readonly text: string; readonly message: string;
}): object {
  return { file: path, line, text, message };
}

function documentFailure({ path, line, message }: RehearsalFailure): object {
  return { file: path, line, message };
}

function documentWayBack(wayBack: WayBack): object {
  switch (wayBack.kind) {
    case "same":
      return { kind: wayBack.kind };
    case "differs":
      return { kind: wayBack.kind, diff: wayBack.diff };
    case "failed":
      return { kind: wayBack.kind, failure: documentFailure(wayBack.failure) };
    case "not-run":
      return { kind: wayBack.kind, why: wayBack.why };
    default:
      return unreachable(wayBack);
  }
}
