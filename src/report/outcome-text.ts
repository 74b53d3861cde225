/** What a command returned, as text or as one JSON document. */

import { roughDuration } from "../core/duration.ts";
import { printable } from "../core/position.ts";
import type { Outcome, StatusEntry } from "../engine/events.ts";
import { jsonText } from "./json-text.ts";

type Status = Extract<Outcome, { kind: "status" }>;

export type StatusForm = "short" | "long" | "json" | "none";

/** dbmate's list and its two counts; what pgmate adds comes after them. */
export function statusText(status: Status, form: StatusForm): string {
  if (form === "none") return "";
  if (form === "json") return jsonText(statusDocument(status));
  const width = form === "long" ? widestName(status.entries) : 0;
  const lines = status.entries.map((entry) => statusLine(entry, form, width));
  const applied = status.entries.filter(({ row }) => row !== undefined).length;
  lines.push("", `Applied: ${applied}`, `Pending: ${status.entries.length - applied}`);
  const missing = status.missing.filter(({ row }) => row !== undefined);
  if (missing.length > 0) {
    lines.push(`Missing: ${missing.length} (applied, but without a file here)`);
    // A row may hold anything, a line break too, which would make a line of its own.
    for (const { version } of missing) lines.push(`[?] ${version.replace(/\n/g, "\r")}`);
  }
  const dirty = [...status.entries, ...status.missing].filter((entry) => entry.dirty !== undefined);
  if (dirty.length > 0) lines.push(`Dirty: ${dirty.length}`, ...dirty.flatMap(dirtyLines));
  return printable(`${lines.join("\n")}\n`);
}

function widestName(entries: readonly StatusEntry[]): number {
  let width = 0;
  for (const { file } of entries) width = Math.max(width, Bun.stringWidth(file?.name ?? ""));
  return width;
}

/** Where a step stopped, what was said, and how it goes on. */
function dirtyLines(entry: StatusEntry): readonly string[] {
  const { version, file, dirty } = entry;
  if (dirty === undefined) return [];
  const { direction, unit, of, place, command, state, error, runBy } = dirty;
  const verb = direction === "up" ? "applied" : "rolled back";
  const at = place === undefined ? "" : `${place.file}:${place.line}: `;
  const total = of === undefined ? "" : ` of ${of}`;
  const what = command === undefined ? "" : ` (${command})`;
  const states: Readonly<Record<typeof state, string>> = {
    running: "was cut off",
    failed: "failed",
    done: "is done",
    next: "is next",
  };
  const isOver = of !== undefined && unit > of;
  const where = isOver
    ? "all statements ran, only its row lacks"
    : `${at}statement ${unit}${total}${what} ${states[state]}${
      dirty.changed ? ", and was changed since" : ""
    }`;
  if (runBy !== undefined) {
    const begun = `[!] ${file?.name ?? version} (${verb} in part): a run is under way`;
    return [begun, `    ${runBy}`, `    at ${at}statement ${unit}${total}${what}, or further`];
  }
  const lines = [`[!] ${file?.name ?? version} (${verb} in part): ${where}`];
  if (error !== undefined) lines.push(`    ${error.split("\n").join("\n    ")}`);
  return [...lines, `    ${nextLine(entry)}`];
}

function nextLine({ file, dirty }: StatusEntry): string {
  const next = dirty?.direction === "down" ? "pgmate rollback" : "pgmate up";
  if (file === undefined) return `its file is gone: bring it back, then \`${next}\` goes on there`;
  if (dirty?.refusal !== undefined) return `\`${next}\` cannot go on there: ${dirty.refusal}`;
  if (dirty?.asks !== true) return `\`${next}\` goes on there`;
  return `\`${next} --resume repeat\` runs it again, \`${next} --resume skip\` takes it as done`;
}

function statusLine(entry: StatusEntry, form: StatusForm, width: number): string {
  const name = entry.file?.name ?? entry.version;
  const mark = entry.row === undefined ? "[ ]" : "[X]";
  if (form === "short" || entry.row === undefined) return `${mark} ${name}`;
  const { appliedAt, appliedBy, executionMs } = entry.row;
  const facts = [
    appliedAt === undefined ? "time unknown" : `${appliedAt.slice(0, 19).replace("T", " ")} UTC`,
    appliedBy ?? "by unknown",
    executionMs === undefined ? "duration unknown" : millis(executionMs),
    checksumWord(entry.checksum),
  ];
  const padding = " ".repeat(Math.max(0, width - Bun.stringWidth(name)));
  return `${mark} ${name}${padding}  ${facts.join("  ")}`;
}

function millis(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : roughDuration(ms);
}

function checksumWord(state: StatusEntry["checksum"]): string {
  const words: Readonly<Record<StatusEntry["checksum"], string>> = {
    none: "checksum not recorded",
    same: "checksum same",
    changed: "checksum CHANGED",
    unreadable: "file cannot be parsed",
  };
  return words[state];
}

function statusDocument(status: Status): object {
  const migrations = status.entries.map(documentEntry);
  const applied = migrations.filter((entry) => entry.applied).length;
  return {
    applied,
    pending: migrations.length - applied,
    missing: status.missing.length,
    dirty: [...status.entries, ...status.missing].filter(({ dirty }) => dirty !== undefined).length,
    migrations,
    missingMigrations: status.missing.map(documentEntry),
  };
}

function documentEntry({ version, file, row, checksum, dirty }: StatusEntry) {
  return {
    version,
    file: file?.path ?? null,
    description: file?.description ?? row?.description ?? null,
    applied: row !== undefined,
    appliedAt: row?.appliedAt ?? null,
    appliedBy: row?.appliedBy ?? null,
    executionMs: row?.executionMs ?? null,
    checksum,
    dirty: dirty === undefined ? null : dirtyDocument(dirty),
  };
}

function dirtyDocument(dirty: NonNullable<StatusEntry["dirty"]>): object {
  const { direction, unit, of, place, command, state, error, runBy } = dirty;
  return {
    direction,
    statement: unit,
    of: of ?? null,
    line: place?.line ?? null,
    command: command ?? null,
    text: place?.text ?? null,
    state,
    error: error ?? null,
    runBy: runBy ?? null,
  };
}

/** What the diff before it means. */
export function differenceText({ path, is }: Extract<Outcome, { kind: "difference" }>): string {
  const what = is === "missing" ? "does not exist" : "is not what the database is";
  return printable(`${path} ${what}: dump without --check writes it\n`);
}

/** golang-migrate's two lines. */
export function versionText(outcome: Extract<Outcome, { kind: "version" }>): string {
  if (outcome.version === undefined) return "no migration\n";
  return `${outcome.version}\ndirty: ${outcome.dirty}\n`;
}
