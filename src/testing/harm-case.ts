/** One run that is disturbed at a moment and run again, and the judgement on all that it left. */
import { claimedTwice, claimFaults, settle, type Settled } from "./harm-judgement.ts";
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
}

export interface StruckRun {
  readonly stage: HarmStage;
  readonly database: string;
  readonly program: RunningProgram;
  readonly random: Random;
}

/** When it is done: after the program's start, or after it has said that it begins a file. */
export type Moment =
  | { readonly kind: "start"; readonly ms: number }
  | { readonly kind: "file"; readonly file: string; readonly ms: number };

export interface CasePlan {
  readonly striker: Striker;
  readonly course: Course;
  readonly moment: Moment;
  readonly traffic: "none" | "some";
  readonly random: Random;
}

export interface CaseResult {
  /** Whether the run was still under way. */
  readonly landed: boolean;
  /** The file that was under way when it landed. */
  readonly file: string | undefined;
  /** From the strike to the end of the last command that was needed. */
  readonly settledMs: number;
  readonly settledBy: Settled["by"];
  /** Whether a half-run file was taken up where it had been left. */
  readonly resumed: boolean;
  /** All that is wrong, with all that is needed to see why; empty when nothing is. */
  readonly faults: readonly string[];
}

/** How long it may take after the strike until all is as if nothing had happened. */
const settleLimitMs = 10_000;

/** A strike may come a little later than a run of that length would have ended. */
const lateness = 1.1;
/** Under traffic everything takes longer. */
const trafficLateness = 1.6;

/** Half of the moments are even over the whole run, half over the length of a random file. */
export function planCase(stage: HarmStage, striker: Striker, random: Random): CasePlan {
  const course = random.percent(65) ? stage.up : stage.rollback;
  const traffic = random.percent(30) ? "some" : "none";
  const factor = traffic === "some" ? trafficLateness : lateness;
  const within = (ms: number): number => (random.below(10_000) / 10_000) * ms * factor;
  if (random.percent(50)) {
    const moment = { kind: "start", ms: within(course.ms) } as const;
    return { striker, course, moment, traffic, random };
  }
  const { file, ms } = random.pick(course.steps);
  return { striker, course, moment: { kind: "file", file, ms: within(ms) }, traffic, random };
}

export async function runCase(stage: HarmStage, plan: CasePlan): Promise<CaseResult> {
  const { course, striker } = plan;
  const database = await stage.copy(course);
  const url = stage.server.url(database);
  const traffic = plan.traffic === "some" ? startTraffic(stage.server, database) : undefined;
  try {
    const program = stage.start(course.args, url);
    await reach(program, course, plan.moment);
    const file = underWay(program.stdout(), course);
    const struckAt = performance.now();
    const landed = await striker.strike({ stage, database, program, random: plan.random });
    const struck = await resultOf(program);
    const faults = [...endFaults(course, landed ? striker : undefined, struck)];
    // Not always: looking takes time, and the next run is to meet what is left of this one.
    if (plan.random.percent(50)) {
      faults.push(...(await claimFaults(stage, database, course, struck)));
    }
    const settled = await settle(stage, url, course);
    const settledMs = performance.now() - struckAt;
    const results = [struck, ...settled.results];
    faults.push(...settled.faults, ...claimedTwice(course, results));
    if (landed && settledMs > settleLimitMs) {
      faults.push(`all was well only ${Math.round(settledMs)} ms after the strike`);
    }
    faults.push(...(await claimFaults(stage, database, course, ...results)));
    const found = await takePicture(stage.server, database);
    faults.push(...pictureDifferences(course.expected, found));
    return {
      landed,
      file,
      settledMs,
      settledBy: settled.by,
      resumed: settled.results.some(({ stderr }) => /^Resuming: /m.test(stderr)),
      faults: faults.length === 0 ? [] : [...faults, ...transcript(plan, file, results)],
    };
  } finally {
    await traffic?.stop();
    await stage.drop(database);
  }
}

const pollMs = 1;

/** Until the moment has come, or the program has ended before. */
async function reach(program: RunningProgram, course: Course, moment: Moment): Promise<void> {
  let ended = false;
  const end = program.result.then(() => undefined, () => undefined).then(() => {
    ended = true;
  });
  if (moment.kind === "file") {
    const line = `${course.begins}: ${moment.file}\n`;
    while (!ended && !program.stdout().includes(line)) await Bun.sleep(pollMs);
  }
  await Promise.race([end, Bun.sleep(moment.ms)]);
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
  { status, stdout }: ProgramResult,
): readonly string[] {
  const isComplete = toldFiles(stdout, course.ends).length === course.steps.length;
  if (status === 0 && isComplete) return [];
  if (status === striker?.status) return [];
  return [`exit status ${status}, struck by ${striker?.name ?? "nothing"}`];
}

function transcript(
  plan: CasePlan,
  file: string | undefined,
  results: readonly ProgramResult[],
): readonly string[] {
  const { course, striker, moment, traffic } = plan;
  const after = moment.kind === "start" ? "its start" : `"${course.begins}: ${moment.file}"`;
  return [
    `${striker.name} during ${course.args.join(" ")}, ${moment.ms.toFixed(1)} ms after ${after}` +
      `, with ${traffic} traffic, in ${file ?? "no file"}`,
    ...results.map(({ status, stdout, stderr }, index) => {
      const which = index === 0 ? "the struck run" : "the run after it";
      return `--- ${which} ended with ${status}\n${stdout}${stderr}`;
    }),
  ];
}
