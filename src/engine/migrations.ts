/** Finds and parses migration files, and turns what is wrong in them into errors with a place. */

import type { Fault, Migration, MigrationFile } from "../core/migration.ts";
import { MigrationParser } from "../core/parse.ts";
import type { PlannedStep } from "../core/plan.ts";
import { placeAt } from "../core/position.ts";
import { makeStep, type Step } from "../core/step.ts";
import {
  type FileSnapshot,
  findMigrations,
  openMigration,
  readWhole,
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
      message: `${path} is not a migration: its name does not begin with a version`,
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

/**
 * Parses the files of all steps before the first one runs, so that a fault in the last keeps the
 * first from running. Throws `migration-format`, `-encoding`, `-statement` with the place.
 */
export function loadSteps(planned: readonly PlannedStep[], emit: Emit): readonly LoadedStep[] {
  const byPath = new Map<string, { migration: Migration; snapshot: FileSnapshot }>();
  return planned.map((one): LoadedStep => {
    const loaded = byPath.get(one.file.path) ?? load(one.file);
    byPath.set(one.file.path, loaded);
    const step = makeStep(one, loaded.migration);
    const fault = step.sections.find((section) => section.fault !== undefined)?.fault;
    if (fault !== undefined) throw faultError(one.file, fault);
    tellNotices(step, emit);
    return { step, snapshot: loaded.snapshot };
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

/** The place of a byte of the file as it is now. */
export function placeIn(file: MigrationFile, offset: number): Place {
  return placeAt(file.path, readWhole(file.path), offset);
}

function load(file: MigrationFile): { migration: Migration; snapshot: FileSnapshot } {
  const snapshot = openMigration(file.path);
  const parser = new MigrationParser(file);
  for (const chunk of snapshot.read()) parser.push(chunk);
  const result = parser.end();
  if (result.kind === "fault") throw faultError(file, result.fault);
  return { migration: result.migration, snapshot };
}

function faultError(file: MigrationFile, fault: Fault): PgmateError {
  return new PgmateError(fault.code, fault.message, {
    hint: fault.hint,
    at: placeIn(file, fault.offset),
    state: "nothing was run: every file is read before the first one runs",
  });
}

function tellNotices(step: Step, emit: Emit): void {
  const { file } = step.migration;
  const notices = step.sections.flatMap((section) => section.notices);
  const warnings = step.planned.direction === "up" ? step.migration.warnings : [];
  for (const { message, offset } of [...warnings, ...notices]) {
    emit({ kind: "warning", message, at: placeIn(file, offset) });
  }
}
