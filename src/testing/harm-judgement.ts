/** What every disturbed run is held to: true words, and a next command that puts things right. */
import { type HarmProject, versionOf } from "./harm-project.ts";
import { type Course, type HarmStage, toldFiles } from "./harm-stage.ts";
import type { ProgramResult } from "./program.ts";

/** Each file that was told as done is done in the ledger. */
export async function claimFaults(
  stage: HarmStage,
  database: string,
  course: Course,
  ...results: readonly ProgramResult[]
): Promise<readonly string[]> {
  const versions = new Set((await takeVersions(stage, database)));
  return results.flatMap(({ stdout }) => toldFiles(stdout, course.ends)).flatMap((file) => {
    const isThere = versions.has(versionOf(file));
    return isThere === (course.ends === "Applied") ? [] : [`a false "${course.ends}: ${file}"`];
  });
}

async function takeVersions(stage: HarmStage, database: string): Promise<readonly string[]> {
  const sql = "select to_regclass('schema_migrations') is not null as found";
  const [row] = await stage.server.query(database, sql);
  if (row?.["found"] !== true) return [];
  const rows = await stage.server.query(database, "select version from schema_migrations");
  return rows.map(({ version }) => String(version));
}

export function claimedTwice(course: Course, results: readonly ProgramResult[]): readonly string[] {
  const told = results.flatMap(({ stdout }) => toldFiles(stdout, course.ends));
  return [...new Set(told)].flatMap((file) => {
    const times = told.filter((one) => one === file).length;
    return times > 1 ? [`"${course.ends}: ${file}" was said ${times} times`] : [];
  });
}

export interface Settled {
  readonly by: "the same command" | "the command that was named" | "nothing";
  readonly results: readonly ProgramResult[];
  readonly faults: readonly string[];
}

/** The same command again, or the one that it names when it refuses, and then the same. */
export async function settle(stage: HarmStage, url: string, course: Course): Promise<Settled> {
  const again = await stage.run(course.args, url);
  if (again.status === 0) return { by: "the same command", results: [again], faults: [] };
  const named = namedCommand(again.stderr);
  if (named === undefined || Bun.deepEquals(named, course.args)) {
    return { by: "nothing", results: [again], faults: [`it failed again with ${again.status}`] };
  }
  const other = await stage.run(named, url);
  const last = await stage.run(course.args, url);
  const results = [again, other, last];
  const isDone = other.status === 0 && last.status === 0;
  if (isDone) return { by: "the command that was named", results, faults: [] };
  return { by: "nothing", results, faults: [`after pgmate ${named.join(" ")} it failed too`] };
}

/** What commits by itself asks: whether it is to run again. Of the chapters all may. */
export function asksWhetherToRepeat({ status, stderr }: ProgramResult): boolean {
  return status === 2 && stderr.includes("it may have committed by itself");
}

/** From the hint: `Next: … \`pgmate rollback\` …`. */
function namedCommand(stderr: string): readonly string[] | undefined {
  const hint = /^Next: (.*)$/m.exec(stderr)?.[1] ?? "";
  const found = [...hint.matchAll(/`pgmate ([^`]*)`/g)].map(([, words = ""]) => words);
  return (found.find((words) => words.endsWith(" repeat")) ?? found[0])?.split(" ");
}

/** An applied file ran up once more than down, any other as often; so did each part of it. */
export function balanceFaults(
  project: HarmProject,
  labels: ReadonlyMap<string, number>,
  applied: readonly string[],
): readonly string[] {
  return [...project.labels].flatMap(([name, { up, down }]) => {
    const counts = (of: readonly string[]) => new Set(of.map((label) => labels.get(label) ?? 0));
    const [ups, downs] = [counts(up), counts(down)];
    const [upTimes = 0] = ups;
    const [downTimes = 0] = downs;
    const balance = applied.includes(name) ? 1 : 0;
    const isEven = ups.size === 1 && downs.size === 1 && upTimes - downTimes === balance;
    return isEven ? [] : [`parts of ${name} ran ${[...ups]} times up and ${[...downs]} times down`];
  });
}
