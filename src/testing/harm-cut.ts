/** A short run through a bad line: cut, silent, slow or in pieces, at each of its messages. */
import { claimedTwice, claimFaults, settle } from "./harm-judgement.ts";
import { pictureDifferences, takePicture } from "./harm-picture.ts";
import { harmProject } from "./harm-project.ts";
import { type Fault, type HarmProxy, startHarmProxy } from "./harm-proxy.ts";
import { type Course, type HarmStage, makeStage, resultOf, toldFiles } from "./harm-stage.ts";
import type { ProgramResult, RunningProgram } from "./program.ts";
import type { TestServer } from "./servers.ts";

export interface CutResult {
  /** Whether the message at which it was to happen came at all. */
  readonly struck: boolean;
  /** The messages up to the one that was harmed, the last few of them. */
  readonly messages: string;
  /** How pgmate ended: by itself, or when it was asked to after a silence. */
  readonly ended: "by itself" | "when asked" | "not";
  readonly ms: number;
  readonly faults: readonly string[];
}

/** A transaction with COPY data, and units of which one must run alone. */
export async function makeCutStage(server: TestServer, seed: number): Promise<HarmStage> {
  const kinds = ["copied", "brief"];
  return makeStage(server, harmProject({ seed, files: 2, kinds, outside: "there" }));
}

/** How many messages come by when nothing is harmed. */
export async function countMessages(stage: HarmStage, course: Course): Promise<number> {
  const database = await stage.copy(course);
  await using proxy = await startHarmProxy(stage.server, { kind: "none" });
  await stage.run(course.args, proxy.url(database));
  await stage.drop(database);
  return proxy.messages.length;
}

/** Seconds that a URL allows for getting in: the one limit there is on a silent server. */
const connectTimeoutSeconds = 2;
/** In a silence for so long nothing happens any more; what has no limit of its own is stopped. */
const silenceMs = connectTimeoutSeconds * 1_000 + 1_000;
/** How long a run that is asked to stop may take where nobody answers. */
const stopMs = 8_000;

/** What pgmate may end with, whatever the line does; 143 only where it was asked to stop. */
const statuses = [0, 2];

export async function cutRun(
  stage: HarmStage,
  course: Course,
  fault: Fault,
): Promise<CutResult> {
  const database = await stage.copy(course);
  const began = performance.now();
  try {
    const { proxy, result, ended } = await runThrough(stage, database, course, fault);
    const ms = performance.now() - began;
    const faults = [...endFaults(course, fault, result, ended)];
    faults.push(...(await claimFaults(stage, database, course, result)));
    const settled = await settle(stage, stage.server.url(database), course);
    const results = [result, ...settled.results];
    faults.push(...settled.faults, ...claimedTwice(course, results));
    const found = await takePicture(stage.server, database);
    faults.push(...pictureDifferences(course.expected, found));
    const messages = lastMessages(proxy, fault);
    return {
      struck: proxy.hasStruck,
      messages,
      ended,
      ms,
      faults: faults.length === 0 ? [] : [
        ...faults,
        `${course.args[0]}: ${JSON.stringify(fault)} after ${messages}`,
        `ended ${ended} after ${Math.round(ms)} ms`,
        ...results.map(({ status, stdout, stderr }, index) => {
          const which = index === 0 ? "the harmed run" : "the run after it";
          return `--- ${which} ended with ${status}\n${stdout}${stderr}`;
        }),
      ],
    };
  } finally {
    await stage.drop(database);
  }
}

interface Ended {
  readonly proxy: HarmProxy;
  readonly result: ProgramResult;
  readonly ended: CutResult["ended"];
}

/** The line is taken away when the run has ended, and with it what the server still held open. */
async function runThrough(
  stage: HarmStage,
  database: string,
  course: Course,
  fault: Fault,
): Promise<Ended> {
  await using proxy = await startHarmProxy(stage.server, fault);
  const seconds = String(connectTimeoutSeconds);
  const limit = fault.kind === "silence" ? { connect_timeout: seconds } : {};
  const program = stage.start(course.args, proxy.url(database, limit));
  if (fault.kind !== "silence") {
    const result = await resultOf(program);
    return { proxy, result, ended: Number.isNaN(result.status) ? "not" : "by itself" };
  }
  if (await endsWithin(program, silenceMs)) {
    return { proxy, result: await resultOf(program), ended: "by itself" };
  }
  program.signal("SIGTERM");
  const ended = (await endsWithin(program, stopMs)) ? "when asked" : "not";
  if (ended === "not") program.signal("SIGKILL");
  return { proxy, result: await resultOf(program), ended };
}

async function endsWithin(program: RunningProgram, ms: number): Promise<boolean> {
  const ended = resultOf(program).then(() => true);
  return Promise.race([ended, Bun.sleep(ms).then(() => false)]);
}

function endFaults(
  course: Course,
  fault: Fault,
  { status, stdout }: ProgramResult,
  ended: CutResult["ended"],
): readonly string[] {
  if (ended === "not") return ["it did not end, not even when it was asked to"];
  const isComplete = toldFiles(stdout, course.ends).length === course.steps.length;
  const isHarmless = fault.kind === "none" || fault.kind === "delay" || fault.kind === "bytes";
  if (isHarmless || status === 0) {
    return status === 0 && isComplete ? [] : [`exit status ${status} on a line that was only slow`];
  }
  const allowed = ended === "when asked" ? [...statuses, 143] : statuses;
  return allowed.includes(status) ? [] : [`exit status ${status}`];
}

function lastMessages({ messages }: HarmProxy, fault: Fault): string {
  const end = "at" in fault ? fault.at + 1 : messages.length;
  return messages.slice(Math.max(0, end - 8), end).join(" ");
}
