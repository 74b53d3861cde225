/** A review as it may be shown: without secrets, and without what moves a terminal's cursor. */

import { printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import type {
  BrokenQuery, Finding, Rehearsal, RehearsalFailure, ReviewDocument, ReviewedFile,
  ReviewedStatement, WayBack,
} from "../core/review/review.ts";
import type { Effects } from "../core/review/rule.ts";
import type { Undo } from "../core/review/undo.ts";
import { unreachable } from "../errors.ts";

/** How texts are changed before they are shown; names are those of files and relations. */
interface Change {
  readonly text: (text: string) => string;
  readonly name: (name: string) => string;
}

/** For programs: secrets are blanked, and paths and names are what they are. */
const forData: Change = { text: redactSecrets, name: (name) => name };

const forPage: Change = {
  text: (text) => guarded(redactSecrets(text.replaceAll("\r\n", "\n"))),
  // A name is never more than one line.
  name: (name) => guarded(redactSecrets(name)).replaceAll("\n", "\u{fffd}"),
};

/** A look at the whole is a hundred times faster than one at each character. */
function guarded(text: string): string {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll("\n", "")) ? printable(text) : text;
}

/** For JSON, SARIF and GitHub, which have an escape for everything. */
export function dataDocument(document: ReviewDocument): ReviewDocument {
  return changed(document, forData);
}

/** For what a person reads. */
export function pageDocument(document: ReviewDocument): ReviewDocument {
  return changed(document, forPage);
}

function changed(document: ReviewDocument, change: Change): ReviewDocument {
  const { review, target, plannedFiles, rehearsal } = document;
  return {
    ...document,
    review: {
      ...review,
      files: review.files.map((file) => changedFile(file, change)),
      findings: review.findings.map((finding) => changedFinding(finding, change)),
    },
    target: target === undefined ? undefined : {
      ...target,
      description: change.text(target.description),
      serverVersion: change.text(target.serverVersion),
    },
    plannedFiles: plannedFiles.map((file) => ({ ...file, path: change.name(file.path) })),
    rehearsal: rehearsal === undefined ? undefined : changedRehearsal(rehearsal, change),
  };
}

function changedFile(reviewed: ReviewedFile, change: Change): ReviewedFile {
  const { file, findings, statements } = reviewed;
  return {
    ...reviewed,
    file: { ...file, name: change.name(file.name), path: change.name(file.path) },
    findings: findings.map((finding) => changedFinding(finding, change)),
    statements: statements.map((statement) => changedStatement(statement, change)),
  };
}

function changedStatement(statement: ReviewedStatement, change: Change): ReviewedStatement {
  const { source, findings, loses, undo, measured } = statement;
  return {
    ...statement,
    ...changedEffects(statement, change),
    source: { ...source, text: change.text(source.text), command: change.name(source.command) },
    findings: findings.map((finding) => changedFinding(finding, change)),
    loses: loses.map(change.text),
    undo: undo === undefined ? undefined : changedUndo(undo, change),
    measured: measured === undefined ? undefined : {
      ...measured, ...changedEffects(measured, change),
    },
  };
}

function changedEffects({ locks, rewrites, scans }: Effects, { name }: Change): Effects {
  return {
    locks: locks.map(({ relation, mode }) => ({ relation: name(relation), mode })),
    rewrites: rewrites.map(name),
    scans: scans.map(name),
  };
}

function changedUndo(undo: Undo, { text }: Change): Undo {
  return { ...undo, why: text(undo.why), loses: undo.loses.map(text) };
}

function changedFinding(finding: Finding, { text, name }: Change): Finding {
  const { reason, instead, place, dismissed } = finding;
  return {
    ...finding,
    reason: text(reason),
    instead: instead === undefined ? undefined : text(instead),
    place: place === undefined ? undefined : { ...place, path: name(place.path) },
    dismissed: dismissed?.kind === "ignored"
      ? { ...dismissed, reason: text(dismissed.reason) }
      : dismissed,
  };
}

function changedRehearsal(rehearsal: Rehearsal, change: Change): Rehearsal {
  const { on, schemaDiff, wayBack, failure, queries, notes } = rehearsal;
  const query = (one: BrokenQuery): BrokenQuery => ({
    ...one,
    path: change.name(one.path),
    text: change.text(one.text),
    message: change.text(one.message),
  });
  return {
    on: change.text(on),
    schemaDiff: change.text(schemaDiff),
    wayBack: changedWayBack(wayBack, change),
    failure: failure === undefined ? undefined : changedFailure(failure, change),
    queries: queries === undefined ? undefined : {
      checked: queries.checked,
      broken: queries.broken.map(query),
      brokenBefore: queries.brokenBefore.map(query),
    },
    notes: notes.map(change.text),
  };
}

function changedWayBack(wayBack: WayBack, change: Change): WayBack {
  switch (wayBack.kind) {
    case "same":
      return wayBack;
    case "differs":
      return { ...wayBack, diff: change.text(wayBack.diff) };
    case "failed":
      return { ...wayBack, failure: changedFailure(wayBack.failure, change) };
    case "not-run":
      return { ...wayBack, why: change.text(wayBack.why) };
    default:
      return unreachable(wayBack);
  }
}

function changedFailure(failure: RehearsalFailure, { text, name }: Change): RehearsalFailure {
  return { ...failure, path: name(failure.path), message: text(failure.message) };
}
