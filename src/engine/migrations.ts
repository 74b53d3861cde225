/** Finds and parses migration files, and turns what is wrong in them into errors with a place. */

import type { Fault, Migration, MigrationFile } from "../core/migration.ts";
import { MigrationParser } from "../core/parse.ts";
import type { PlannedStep } from "../core/plan.ts";
import { placeAt } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import { makeStep, type Step } from "../core/step.ts";
import {
  type FileSnapshot,
  findMigrations,
  openMigration,
} from "../disk/migration-files.ts";
import { type Place, PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Emit } from "./events.ts";

/** All files that are migrations by name; tells of .sql files that are none. */
export function listFiles(context: Context): readonly MigrationFile[] {
  const found = findMigrations(context.config.migrationsDirs);
  for (const path of found.ignored) {
    context.emit({
      kind: "warning",
      // A line break in a name would end the line; what cannot be printed is shown as such.
      message: `${path.replaceAll("\n", "\r")} is not a migration: its name is not digits, a ` +
        "description and .sql",
    });
  }
  return found.files;
}

export function noFiles(context: Context): PgmateError {
  const folders = context.config.migrationsDirs.join(", ");
  return new PgmateError("directory-empty", "no migration files found", {
    hint: `the folder ${folders} is empty; pgmate new NAME makes the first file`,
  });
}

/** A step with the file's bytes at hand. */
export interface LoadedStep {
  readonly step: Step;
  readonly snapshot: FileSnapshot;
}

export interface LoadOptions {
  /** What was loaded earlier is taken again where the file is the same. */
  readonly before?: readonly LoadedStep[];
  /** `later` leaves those of large files to the transactions that run them. */
  readonly checksums?: "now" | "later";
}

/**
 * Parses the files of all steps before the first one runs, so that a fault in the last keeps the
 * first from running. Throws `migration-format`, `-encoding`, `-statement` with the place.
 */
export function loadSteps(
  planned: readonly PlannedStep[],
  emit: Emit,
  { before = [], checksums = "now" }: LoadOptions = {},
): readonly LoadedStep[] {
  const byPath = new Map<string, { migration: Migration; snapshot: FileSnapshot }>();
  for (const { step, snapshot } of before) {
    const { path } = step.planned.file;
    if (snapshot.isCurrent()) byPath.set(path, { migration: step.migration, snapshot });
  }
  return planned.map((one): LoadedStep => {
    const loaded = byPath.get(one.file.path) ?? load(one.file, checksums);
    byPath.set(one.file.path, loaded);
    const step = makeStep(one, loaded.migration);
    const fault = step.sections.find((section) => section.fault !== undefined)?.fault;
    if (fault !== undefined) throw faultError({ file: one.file, ...loaded }, fault);
    const made = { step, snapshot: loaded.snapshot };
    tellNotices(made, emit);
    return made;
  });
}

/** The checksum of a file, or undefined where it cannot be parsed. */
export function checksumOf(file: MigrationFile): string | undefined {
  try {
    return load(file).migration.checksum;
  } catch (error) {
    if (error instanceof PgmateError) return undefined;
    throw error;
  }
}

/** What is known of a file: its name, and its bytes as they were when it was read. */
export interface Read {
  readonly file: Pick<MigrationFile, "path">;
  readonly snapshot: Pick<FileSnapshot, "read">;
}

/** As much of a line as is read to be shown. */
const longestLine = 64 * 1024;
/** A literal's beginning, which tells that it is a secret, stands at most so far before it. */
const secretReach = 8 * 1024;

/** The place of a byte, in a step or in a file; secrets in its line are blanked. */
export function placeIn(where: LoadedStep | Read, offset: number): Place {
  const { snapshot } = where;
  const file = "step" in where ? where.step.planned.file : where.file;
  const { line, start } = lineAt(snapshot, offset);
  const from = Math.max(0, start - secretReach);
  const bytes = Buffer.concat([...snapshot.read({ start: from, end: offset + longestLine })]);
  const place = placeAt(file.path, bytes.subarray(start - from), offset - start);
  const before = bytes.toString("utf8", 0, start - from);
  const shown = redactSecrets(before + place.text);
  return { ...place, line, text: shown.slice(shown.lastIndexOf("\n") + 1) };
}

/** Where the `line`-th line after the byte at `offset` begins; undefined where the file ends. */
export function offsetOfLine(
  { snapshot }: Pick<Read, "snapshot">,
  offset: number,
  line: number,
): number | undefined {
  const wanted = lineAt(snapshot, offset).line + line;
  const found = lineAt(snapshot, Number.POSITIVE_INFINITY, wanted);
  return found.line === wanted ? found.start : undefined;
}

/** The line that holds the byte at `offset`, or the `last` one that is looked for before it. */
function lineAt(
  snapshot: Pick<FileSnapshot, "read">,
  offset: number,
  last = Number.POSITIVE_INFINITY,
): { readonly line: number; readonly start: number } {
  let line = 1;
  let start = 0;
  let chunkStart = 0;
  for (const chunk of snapshot.read()) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (line === last || chunkStart + at >= offset) return { line, start };
      line += 1;
      start = chunkStart + at + 1;
    }
    chunkStart += chunk.length;
  }
  return { line, start };
}

/** The checksum of a GiB takes as long as all else that is done with it before it is sent. */
const promptChecksumBytes = 8 * 1024 * 1024;

function load(
  file: MigrationFile,
  checksums: "now" | "later" = "now",
): { migration: Migration; snapshot: FileSnapshot } {
  const snapshot = openMigration(file.path);
  const checksum = snapshot.sizeBytes > promptChecksumBytes ? checksums : "now";
  const parser = new MigrationParser(file, undefined, checksum);
  for (const chunk of snapshot.read()) parser.push(chunk);
  const result = parser.end();
  if (result.kind === "fault") throw faultError({ file, snapshot }, result.fault);
  const { migration } = result;
  // What runs unit by unit may run in several runs, none of which sees all of it.
  const isLate = checksum === "later" && migration.ups.some((up) => !up.transactional);
  return isLate ? load(file) : { migration, snapshot };
}

function faultError(read: Read, fault: Fault): PgmateError {
  return new PgmateError(fault.code, fault.message, {
    hint: fault.hint,
    at: placeIn(read, fault.offset),
    state: "nothing was run: every file is read before the first one runs",
  });
}

function tellNotices(loaded: LoadedStep, emit: Emit): void {
  const { step } = loaded;
  const notices = step.sections.flatMap((section) => section.notices);
  const warnings = step.planned.direction === "up" ? step.migration.warnings : [];
  for (const { message, offset } of [...warnings, ...notices]) {
    emit({ kind: "warning", message, at: placeIn(loaded, offset) });
  }
}
