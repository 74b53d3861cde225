/** Many runs at once on one database, and what they must come to all the same. */
import { outsideSql } from "./harm-chapters.ts";
import { balanceFaults } from "./harm-judgement.ts";
import { pictureDifferences, takePicture } from "./harm-picture.ts";
import { type HarmProject, harmProject, versionOf } from "./harm-project.ts";
import { makeRole, placedFiles, resultOf, toldFiles } from "./harm-stage.ts";
import {
  type ProgramResult, type RunningProgram, startPgmate, type TemporaryProject, temporaryProject,
} from "./program.ts";
import { type Random, seeded } from "./seeded.ts";
import type { TestServer } from "./servers.ts";

export interface RaceFigures {
  /** Programs that were started, and how many of them applied something. */
  readonly runs: number;
  readonly workers: number;
  readonly ms: number;
  /** Error lines of the server's log that are part of the game, each with how often it came. */
  readonly expectedErrors: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
}

/** For what the whole crowd needs on two cores. */
const patienceMs = 120_000;

/**
 * `up` so many times at once on an empty database ("there") or on none ("missing"): every one
 * exits 0, and each file ran once.
 */
export async function raceUps(
  server: TestServer,
  request: { readonly seed: number; readonly runs: number; readonly database: "there" | "missing" },
): Promise<RaceFigures> {
  const project = harmProject({ seed: request.seed, files: 6, kinds: raced, outside: "made" });
  await makeRole(server);
  await using folder = await projectFolder(project);
  const name = `race_${request.database}_${request.seed}`;
  if (request.database === "there") await server.freshDatabase(name);
  const mark = server.mark();
  const began = performance.now();
  const results = await Promise.all(Array.from({ length: request.runs }, () => {
    return resultOf(start(folder, server.url(name), ["up"]));
  }));
  const ms = performance.now() - began;
  const { expected, odd } = errorsIn(server.logSince(mark));
  const found = await takePicture(server, name);
  const told = results.map(({ stdout }) => toldFiles(stdout, "Applied"));
  const faults = [
    ...results.filter(({ status }) => status !== 0).map(ending),
    ...oddCounts(Object.keys(project.files), told.flat()),
    ...labelFaults(project, found.labels, () => 1),
    ...odd.map((line) => `in the server's log: ${line}`),
  ];
  const workers = told.filter((files) => files.length > 0).length;
  await server.query("postgres", `drop database if exists "${name}" with (force)`);
  return { runs: request.runs, workers, ms, expectedErrors: expected, faults };
}

/** Two that wait for other sessions are among them, which is what a waiting run must not hinder. */
const raced = ["plain", "indexes", "groups", "reindexed", "partitions", "moods"];

/** `up` and `rollback` started together, round after round on the same database. */
export async function raceRollbacks(
  server: TestServer,
  request: { readonly seed: number; readonly rounds: number },
): Promise<RaceFigures> {
  const random = seeded(request.seed);
  const kinds = ["plain", "indexes", "mixed", "groups"];
  const project = harmProject({ seed: request.seed, files: 4, kinds, outside: "there" });
  await makeRole(server);
  await using folder = await projectFolder(project);
  const database = await server.freshDatabase(`race_rollback_${request.seed}`);
  await database.query(outsideSql);
  const shapes = new Shapes(server, project);
  const mark = server.mark();
  const began = performance.now();
  const faults: string[] = [];
  let workers = 0;
  for (let round = 1; round <= request.rounds; round += 1) {
    const results = await raceOnce(folder, database.url, random);
    workers += results.filter(({ stdout }) => /^(?:Applied|Rolled back): /m.test(stdout)).length;
    const wrong = [
      ...results.filter((result) => !isDone(result)).map(ending),
      ...(await shapes.differences(database.name)),
    ];
    if (wrong.length > 0) {
      faults.push([`round ${round}:`, ...wrong, "both:", ...results.map(ending)].join("\n"));
    }
  }
  const ms = performance.now() - began;
  const { expected, odd } = errorsIn(server.logSince(mark));
  faults.push(...odd.map((line) => `in the server's log: ${line}`));
  await shapes.forget();
  await server.query("postgres", `drop database "${database.name}" with (force)`);
  return { runs: request.rounds * 2, workers, ms, expectedErrors: expected, faults };
}

async function raceOnce(
  folder: TemporaryProject,
  url: string,
  random: Random,
): Promise<readonly ProgramResult[]> {
  const commands = [["up"], ["rollback", "--steps", String(1 + random.below(4))]];
  const order = random.percent(50) ? commands : commands.toReversed();
  const [first = [], second = []] = order;
  const one = start(folder, url, first);
  await Bun.sleep(random.below(random.percent(50) ? 15 : 400));
  const other = start(folder, url, second);
  return Promise.all([resultOf(one), resultOf(other)]);
}

/** Nothing to roll back is the one refusal that a race explains. */
function isDone({ status, stderr }: ProgramResult): boolean {
  const refusal = /no migrations have been applied|were asked for, but only \d+ migrations? /;
  return status === 0 || (status === 2 && refusal.test(stderr));
}

/** What a database must look like for each length of its ledger, made when first needed. */
class Shapes {
  readonly #server: TestServer;
  readonly #project: HarmProject;
  readonly #made = new Map<number, string>();

  constructor(server: TestServer, project: HarmProject) {
    this.#server = server;
    this.#project = project;
  }

  /** Schema, rows, ledger and the log must tell the same of what is applied. */
  async differences(database: string): Promise<readonly string[]> {
    const found = await takePicture(this.#server, database, "shape");
    const names = Object.keys(this.#project.files);
    const applied = names.filter((name) => found.versions.includes(versionOf(name)));
    if (!Bun.deepEquals(applied, names.slice(0, applied.length))) {
      return [`applied are ${applied.join(", ")}`];
    }
    const reference = await takePicture(this.#server, await this.#make(applied.length), "shape");
    const wanted = { ...reference, labels: found.labels };
    return [
      ...pictureDifferences(wanted, found),
      ...balanceFaults(this.#project, found.labels, applied),
    ];
  }

  async forget(): Promise<void> {
    for (const name of this.#made.values()) {
      await this.#server.query("postgres", `drop database ${name}`);
    }
  }

  async #make(count: number): Promise<string> {
    const known = this.#made.get(count);
    if (known !== undefined) return known;
    const name = `race_shape_${this.#project.seed}_${count}`;
    this.#made.set(count, name);
    const database = await this.#server.freshDatabase(name);
    await database.query(outsideSql);
    await using folder = await projectFolder(this.#project);
    const args = count === 0 ? ["rollback", "--all"] : ["up", "--steps", String(count)];
    // The ledger is there in a database that was rolled back, so here it is made too.
    if (count === 0) await resultOf(start(folder, database.url, ["up"]));
    await resultOf(start(folder, database.url, args));
    return name;
  }
}

function labelFaults(
  project: HarmProject,
  labels: ReadonlyMap<string, number>,
  wanted: (label: string) => number,
): readonly string[] {
  return [...project.labels.values()].flatMap(({ up }) => up).flatMap((label) => {
    const times = labels.get(label) ?? 0;
    return times === wanted(label) ? [] : [`"${label}" ran ${times} times`];
  });
}

function oddCounts(names: readonly string[], told: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const times = told.filter((one) => one === name).length;
    return times === 1 ? [] : [`"Applied: ${name}" was said ${times} times`];
  });
}

/** What a server writes when several make the same database at once. */
const partOfTheGame: readonly RegExp[] = [
  /FATAL: {2}database "[^"]*" does not exist/,
  /ERROR: {2}database "[^"]*" already exists/,
  /ERROR: {2}duplicate key value violates unique constraint "pg_database_datname_index"/,
];

function errorsIn(log: string): {
  readonly expected: ReadonlyMap<string, number>;
  readonly odd: readonly string[];
} {
  const bad = /(?:ERROR|FATAL|PANIC|WARNING): |deadlock/;
  const lines = log.split("\n")
    // The server's own processes, such as a subscription of another test, have no database.
    .filter((line) => !/\] @ /.test(line)).filter((line) => bad.test(line));
  const expected = new Map<string, number>();
  const odd: string[] = [];
  for (const line of lines) {
    const known = partOfTheGame.flatMap((pattern) => pattern.exec(line)?.[0] ?? [])[0];
    if (known === undefined) {
      odd.push(line);
      continue;
    }
    const kind = known.replace(/database "[^"]*"/, "database …");
    expected.set(kind, (expected.get(kind) ?? 0) + 1);
  }
  return { expected, odd };
}

async function projectFolder(project: HarmProject): Promise<TemporaryProject> {
  return temporaryProject({ files: placedFiles(project) });
}

function start(folder: TemporaryProject, url: string, args: readonly string[]): RunningProgram {
  const env = { DATABASE_URL: url, DBMATE_NO_DUMP_SCHEMA: "true" };
  return startPgmate(args, { cwd: folder.folder, env, timeoutMs: patienceMs });
}

function ending({ status, stdout, stderr }: ProgramResult): string {
  return `--- ended with ${status}\n${stdout}${stderr}`;
}
