/** One run that is disturbed at a moment and run again, and the judgement on all that it left. */
import {
  asksWhetherToRepeat, balanceFaults, claimedTwice, claimFaults, type Settled, settle,
} from "./harm-judgement.ts";
import { type Moment, momentText, randomMoment, reachMoment } from "./harm-moment.ts";
import { pictureDifferences, takePicture } from "./harm-picture.ts";
import { type Course, type HarmStage, resultOf, toldFiles } from "./harm-stage.ts";
import { startTraffic } from "./harm-traffic.ts";
import type { ProgramResult, RunningProgram } from "./program.ts";
import type { Random } from "./seeded.ts";

/** What is done to a run. */
export interface Striker {
  readonly name: string;
  /** False where there was nothing left to strike. */
  strike(run: StruckRun): Promise<boolean>;
  /** What pgmate may end with when it was struck before it was done. */
  readonly status: number;
  /** Whether it hits one program alone, or all that have a session on the database. */
  readonly hits: "one" | "all";
}

export interface StruckRun {
  readonly stage: HarmStage;
  readonly database: string;
  readonly program: RunningProgram;
  readonly random: Random;
}

export interface CasePlan {
  readonly striker: Striker;
  readonly course: Course;
  /** Each for a run of its own: what goes on with a half-run file is struck again. */
  readonly moments: readonly Moment[];
  readonly traffic: "none" | "some";
  /** Another run of the same that is started together with the first, and is to do its work. */
  readonly companion: "none" | "one";
  /** A command of the other direction is tried before the same is run again. */
  readonly detour: "none" | "other direction";
  readonly random: Random;
}

export interface CaseResult {
  /** How many strikes came while a run was under way. */
  readonly landed: number;
  /** The files that were under way then; "" between files. */
  readonly files: readonly string[];
  /** From the last strike to the end of the last command that was needed, without a detour. */
  readonly settledMs: number;
  readonly settledBy: Settled["by"];
  /** Whether a half-run file was taken up where it had been left. */
  readonly resumed: boolean;
  /** All that is wrong, with all that is needed to see why; empty when nothing is. */
  readonly faults: readonly string[];
}

/** How long it may take after the strike until all is as if nothing had happened. */
const settleLimitMs = 45_000;

export function planCase(stage: HarmStage, striker: Striker, random: Random): CasePlan {
  const course = random.percent(65) ? stage.up : stage.rollback;
  const strikes = random.pick([1, 1, 1, 1, 1, 1, 1, 2, 2, 3]);
  const moments = Array.from({ length: strikes }, () => randomMoment(course, random));
  const wantsWaits = moments.some(({ kind }) => kind === "sight");
  return {
    striker,
    course,
    moments,
    traffic: random.percent(wantsWaits ? 90 : 20) ? "some" : "none",
    companion: striker.hits === "one" && random.percent(15) ? "one" : "none",
    detour: random.percent(15) ? "other direction" : "none",
    random,
  };
}

export async function runCase(stage: HarmStage, plan: CasePlan): Promise<CaseResult> {
  const { course } = plan;
  const database = await stage.copy(course);
  const traffic = plan.traffic === "some" ? startTraffic(stage.server, database) : undefined;
  try {
    const trail = await strikeAll(stage, database, plan);
    const { struck, faults } = trail;
    // Not always: looking takes time, and the next run is to meet what is left of this one.
    if (plan.random.percent(50)) {
      faults.push(...(await claimFaults(stage, database, course, ...struck)));
    }
    const turnedAt = performance.now();
    const turn = plan.detour === "none" ? undefined : await detour(stage, database, course);
    const turnMs = performance.now() - turnedAt;
    const settled = await settle(stage, stage.server.url(database), course);
    const settledMs = performance.now() - trail.struckAt - turnMs;
    const results = [...struck, ...(turn?.results ?? []), ...settled.results];
    faults.push(...(turn?.faults ?? []), ...settled.faults);
    if (turn?.came !== "turned back") faults.push(...claimedTwice(course, results));
    if (trail.landed > 0 && settledMs > settleLimitMs) {
      faults.push(`all was well only ${Math.round(settledMs)} ms after the strike`);
    }
    faults.push(...(await claimFaults(stage, database, course, ...settled.results)));
    faults.push(...(await resultFaults(stage, database, course, turn)));
    return {
      landed: trail.landed,
      files: trail.files,
      settledMs,
      settledBy: settled.by,
      resumed: results.some(({ stderr }) => /^Resuming: /m.test(stderr)),
      faults: faults.length === 0 ? [] : [...faults, ...transcript(plan, trail, results)],
    };
  } finally {
    await traffic?.stop();
    await stage.drop(database);
  }
}

interface Trail {
  readonly struck: readonly ProgramResult[];
  readonly landed: number;
  readonly files: readonly string[];
  readonly struckAt: number;
  readonly faults: string[];
}

/** One run after the other is struck, until one is done before its moment. */
async function strikeAll(stage: HarmStage, database: string, plan: CasePlan): Promise<Trail> {
  const { course, striker, random } = plan;
  const url = stage.server.url(database);
  const struck: ProgramResult[] = [];
  const files: string[] = [];
  const faults: string[] = [];
  let struckAt = performance.now();
  const companion = plan.companion === "one" ? stage.start(course.args, url) : undefined;
  for (const moment of plan.moments) {
    const program = stage.start(course.args, url);
    await reachMoment(moment, { stage, database, course, program });
    const file = underWay(program.stdout(), course);
    struckAt = performance.now();
    const landed = await striker.strike({ stage, database, program, random });
    const result = await resultOf(program);
    struck.push(result);
    faults.push(...endFaults(course, landed ? striker : undefined, result));
    if (landed) files.push(file ?? "");
    if (result.status === 0) break;
  }
  if (companion !== undefined) {
    const result = await resultOf(companion);
    struck.push(result);
    const mayEnd = result.status === 0 || asksWhetherToRepeat(result);
    if (!mayEnd) faults.push(`the other run ended with ${result.status}`);
  }
  return { struck, landed: files.length, files, struckAt, faults };
}

/** The file of which was said that it begins, and not that it is done. */
function underWay(stdout: string, course: Course): string | undefined {
  const begun = new RegExp(`^${course.begins}: (.*)$`, "gm");
  const last = [...stdout.matchAll(begun)].at(-1)?.[1];
  return last === undefined || toldFiles(stdout, course.ends).includes(last) ? undefined : last;
}

/** A run that had done everything before it was struck may say so. */
function endFaults(
  course: Course,
  striker: Striker | undefined,
  result: ProgramResult,
): readonly string[] {
  const { status, stdout, stderr } = result;
  const faults = /fault in pgmate itself/.test(stderr) ? ["an internal error"] : [];
  const told = toldFiles(stdout, course.ends);
  const last = course.steps.at(-1)?.file ?? "";
  if (status === 0 && (told.includes(last) || told.length === 0)) return faults;
  if (status === striker?.status || asksWhetherToRepeat(result)) return faults;
  return [...faults, `exit status ${status}, struck by ${striker?.name ?? "nothing"}`];
}

interface Detour {
  /** "refused": something is half done; "turned back": nothing was, and all went the other way. */
  readonly came: "refused" | "turned back";
  readonly results: readonly ProgramResult[];
  readonly faults: readonly string[];
}

/** What is half done one way must be finished that way; else going back is all right. */
async function detour(stage: HarmStage, database: string, course: Course): Promise<Detour> {
  const other = course === stage.up ? stage.rollback : stage.up;
  const result = await stage.run(other.args, stage.server.url(database));
  if (result.status === 0) return { came: "turned back", results: [result], faults: [] };
  const names = `\`pgmate ${course.args[0]}\` goes on where it stopped`;
  const isRefusal = result.status === 2 && result.stderr.includes(names)
    && result.stderr.includes("nothing was changed");
  const faults = isRefusal ? [] : [`${other.args.join(" ")} ended with ${result.status}`];
  return { came: "refused", results: [result], faults };
}

/** After a turn each file ran several times, but each of its parts as often as the others. */
async function resultFaults(
  stage: HarmStage,
  database: string,
  course: Course,
  turn: Detour | undefined,
): Promise<readonly string[]> {
  if (turn?.came !== "turned back") {
    return pictureDifferences(course.expected, await takePicture(stage.server, database));
  }
  const found = await takePicture(stage.server, database, "shape");
  const isOutside = (line: string): boolean => line.startsWith("rows outside.");
  const lines = course.expected.lines.filter((line) => !isOutside(line));
  const applied = course === stage.up ? Object.keys(stage.project.files) : [];
  return [
    ...pictureDifferences({ ...course.expected, lines, labels: found.labels }, found),
    ...balanceFaults(stage.project, found.labels, applied),
  ];
}

function transcript(
  plan: CasePlan,
  { files }: Trail,
  results: readonly ProgramResult[],
): readonly string[] {
  const { course, striker, moments, traffic, companion, detour: turn } = plan;
  return [
    `${striker.name} during ${course.args.join(" ")}` +
      ` ${moments.map((moment) => momentText(moment, course)).join(", again ")}` +
      `; in ${files.join(", ") || "no file"}; traffic: ${traffic}, companion: ${companion},` +
      ` detour: ${turn}`,
    ...results.map(({ status, stdout, stderr }, index) => {
      return `--- run ${index + 1} ended with ${status}\n${stdout}${stderr}`;
    }),
  ];
}
