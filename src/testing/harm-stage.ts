/** Where runs are harmed: a project, databases to copy, and what an undisturbed run makes of it. */
import { PgmateError } from "../errors.ts";
import { chapterRole, outsideSql } from "./harm-chapters.ts";
import { labelDifferences, type Picture, takePicture } from "./harm-picture.ts";
import { type HarmProject, versionOf } from "./harm-project.ts";
import {
  type ProgramOptions, type ProgramResult, type RunningProgram, startPgmate,
  type TemporaryProject, temporaryProject,
} from "./program.ts";
import type { TestServer } from "./servers.ts";

export interface HarmStage {
  readonly server: TestServer;
  readonly project: HarmProject;
  readonly up: Course;
  readonly rollback: Course;
  /** A database as it is before the course; to be dropped by `drop`. */
  copy(course: Course): Promise<string>;
  drop(database: string): Promise<void>;
  run(args: readonly string[], url: string): Promise<ProgramResult>;
  start(args: readonly string[], url: string): RunningProgram;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One command, and what it comes to when nothing disturbs it. */
export interface Course {
  readonly args: readonly string[];
  /** The line before each file and the one after it, as dbmate has them. */
  readonly begins: "Applying" | "Rolling back";
  readonly ends: "Applied" | "Rolled back";
  readonly template: string;
  readonly expected: Picture;
  /** From the start of the program to its end. */
  readonly ms: number;
  /** In the order in which they run. */
  readonly steps: readonly CourseStep[];
}

export interface CourseStep {
  readonly file: string;
  readonly ms: number;
}

/** Of what hangs, no more is waited for; a run may wait for the end of a killed one's session. */
const patienceMs = 90_000;

/** Of the whole process, since several stages may stand on one server. */
let made = 0;

export async function makeStage(server: TestServer, project: HarmProject): Promise<HarmStage> {
  made += 1;
  const name = `harm_${made}`;
  const folder = await temporaryProject();
  await folder.write(placedFiles(project));
  await makeRole(server);
  const templates = { empty: `${name}_empty`, full: `${name}_full`, back: `${name}_back` };
  await server.freshDatabase(templates.empty);
  await server.query(templates.empty, outsideSql);
  const ground = groundOf(server, folder, name);
  const undisturbed = async (from: string, to: string, half: HalfCourse): Promise<Course> => {
    await copyDatabase(server, from, to);
    const began = performance.now();
    const result = await ground.run(half.args, server.url(to));
    const ms = performance.now() - began;
    if (result.status !== 0) throw spoilt(`${half.args.join(" ")} failed`, result.stderr);
    const expected = await takePicture(server, to);
    return { ...half, template: from, expected, ms, steps: stepsOf(result.stdout, half.ends) };
  };
  const up = await undisturbed(templates.empty, templates.full, upCourse);
  const rollback = await undisturbed(templates.full, templates.back, rollbackCourse);
  refuseWrongLabels(project, up.expected, ["up"]);
  refuseWrongLabels(project, rollback.expected, ["up", "down"]);
  await ground.drop(templates.back);
  return {
    ...ground,
    server,
    project,
    up,
    rollback,
    async [Symbol.asyncDispose]() {
      for (const template of [templates.empty, templates.full]) await ground.drop(template);
      await folder[Symbol.asyncDispose]();
    },
  };
}

type HalfCourse = Pick<Course, "args" | "begins" | "ends">;

const upCourse: HalfCourse = { args: ["up"], begins: "Applying", ends: "Applied" };

const rollbackCourse: HalfCourse = {
  args: ["rollback", "--all"],
  begins: "Rolling back",
  ends: "Rolled back",
};

type Ground = Pick<HarmStage, "drop" | "run" | "start"> & {
  copy(course: Pick<Course, "template">): Promise<string>;
};

function groundOf(server: TestServer, folder: TemporaryProject, name: string): Ground {
  let copies = 0;
  const options = (url: string): ProgramOptions => ({
    cwd: folder.folder,
    env: { DATABASE_URL: url, DBMATE_NO_DUMP_SCHEMA: "true" },
    timeoutMs: patienceMs,
  });
  return {
    async copy({ template }) {
      copies += 1;
      const database = `${name}_${copies}`;
      await copyDatabase(server, template, database);
      return database;
    },
    async drop(database) {
      await server.query("postgres", `drop database if exists "${database}" with (force)`);
    },
    run: (args, url) => resultOf(startPgmate(args, options(url))),
    start: (args, url) => startPgmate(args, options(url)),
  };
}

/** A program that hung and was killed for it has an exit status that no program has. */
export async function resultOf(program: RunningProgram): Promise<ProgramResult> {
  return program.result.catch((error: unknown) => {
    const told = error instanceof PgmateError ? `${error.message}\n${error.state}` : String(error);
    return { status: Number.NaN, stdout: program.stdout(), stderr: told };
  });
}

async function copyDatabase(server: TestServer, from: string, to: string): Promise<void> {
  // The default writes every page to the log, which is three times the work.
  const create = `create database "${to}" template "${from}" strategy file_copy`;
  await server.query("postgres", create);
}

/** The project's files by where they lie. */
export function placedFiles({ files }: HarmProject): Readonly<Record<string, string>> {
  const placed = Object.entries(files).map(([name, text]) => [`db/migrations/${name}`, text]);
  return Object.fromEntries(placed);
}

/** Roles belong to the whole server. */
export async function makeRole(server: TestServer): Promise<void> {
  await server.query("postgres", `create role ${chapterRole}`).catch((error: unknown) => {
    // Two at once meet in the catalog's index.
    const said = error instanceof Error ? error.message : "";
    const exists = /already exists|duplicate key/.test(said);
    if (!exists) throw error;
  });
}

/** `Applied: 01_a.sql in 12.3ms`, as often as it is said. */
export function toldFiles(stdout: string, verb: Course["ends"]): readonly string[] {
  return stdout.split("\n").flatMap((line) => {
    const file = new RegExp(`^${verb}: (\\S+) in `).exec(line)?.[1];
    return file === undefined ? [] : [file];
  });
}

function stepsOf(stdout: string, verb: Course["ends"]): readonly CourseStep[] {
  return stdout.split("\n").flatMap((line) => {
    const told = new RegExp(`^${verb}: (\\S+) in ([\\d.]+)(\\S+)`).exec(line);
    const [, file, amount, unit] = told ?? [];
    if (file === undefined) return [];
    const factor = unit === "s" ? 1_000 : unit === "ms" ? 1 : 0.001;
    return [{ file, ms: Number(amount) * factor }];
  });
}

/** What the files say of themselves is another witness than the undisturbed run. */
function refuseWrongLabels(
  project: HarmProject,
  picture: Picture,
  directions: readonly ("up" | "down")[],
): void {
  const labels = [...project.labels.values()].flatMap((one) => directions.flatMap((to) => one[to]));
  const wrong = labelDifferences(new Map(labels.map((label) => [label, 1])), picture.labels);
  const versions = directions.includes("down") ? [] : Object.keys(project.files).map(versionOf);
  const applied = [...picture.versions].toSorted();
  if (wrong.length > 0 || !Bun.deepEquals(applied, versions.toSorted())) {
    throw spoilt("the undisturbed run is wrong", [...wrong, ...applied].join("\n"));
  }
}

function spoilt(message: string, state: string): PgmateError {
  return new PgmateError("tool", message, { state });
}
