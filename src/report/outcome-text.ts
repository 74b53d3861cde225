/** What a command returned, as text or as one JSON document. */

import { roughDuration } from "../core/duration.ts";
import { printable } from "../core/position.ts";
import type { Outcome, StatusEntry } from "../engine/events.ts";

type Status = Extract<Outcome, { kind: "status" }>;

export type StatusForm = "short" | "long" | "json" | "none";

/** dbmate's list and its two counts; what pgmate adds comes after them. */
export function statusText(status: Status, form: StatusForm): string {
  if (form === "none") return "";
  if (form === "json") return `${JSON.stringify(statusDocument(status), undefined, 2)}\n`;
  const names = status.entries.map(({ file }) => Bun.stringWidth(file?.name ?? ""));
  const width = Math.max(0, ...names);
  const lines = status.entries.map((entry) => statusLine(entry, form, width));
  const applied = status.entries.filter(({ row }) => row !== undefined).length;
  lines.push("", `Applied: ${applied}`, `Pending: ${status.entries.length - applied}`);
  if (status.missing.length > 0) {
    lines.push(`Missing: ${status.missing.length} (applied, but without a file here)`);
    for (const { version } of status.missing) lines.push(`[?] ${version}`);
  }
  return printable(`${lines.join("\n")}\n`);
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
    migrations,
    missingMigrations: status.missing.map(documentEntry),
  };
}

function documentEntry({ version, file, row, checksum }: StatusEntry) {
  return {
    version,
    file: file?.path ?? null,
    description: file?.description ?? row?.description ?? null,
    applied: row !== undefined,
    appliedAt: row?.appliedAt ?? null,
    appliedBy: row?.appliedBy ?? null,
    executionMs: row?.executionMs ?? null,
    checksum,
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
