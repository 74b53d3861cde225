/** Many harmed runs, two at a time, each to be met again by its seed and its number. */
import { type CaseResult, planCase, runCase, type Striker } from "./harm-case.ts";
import { riskyKinds } from "./harm-chapters.ts";
import { type HarmProject, harmProject } from "./harm-project.ts";
import { type HarmStage, makeStage } from "./harm-stage.ts";
import { seeded } from "./seeded.ts";
import type { TestServer } from "./servers.ts";

export interface SeriesRequest {
  readonly seed: number;
  /** So many strikes must land while the run is under way. */
  readonly strikes: number;
  readonly filesPerProject: number;
  /** A new project costs two runs. */
  readonly strikesPerProject: number;
  /** The kinds of files by their names; where not given, each second project is of riskier ones. */
  readonly kinds?: readonly string[];
  /** One server for each that is to work at the same time; a crash hits all that is on one. */
  readonly servers: readonly HarmServer[];
  /** Told as it comes, since a series is long. */
  readonly onFault: (text: string) => void;
}

export interface HarmServer {
  readonly server: TestServer;
  readonly striker: Striker;
}

export interface SeriesFigures {
  readonly name: string;
  readonly seed: number;
  readonly runs: number;
  readonly landed: number;
  /** In the midst of a file of that kind, by its name without the number. */
  readonly landedIn: ReadonlyMap<string, number>;
  readonly resumed: number;
  readonly byNamedCommand: number;
  readonly worstSettledMs: number;
  readonly faulty: number;
}

/** Runs until enough has landed, or until four times as many runs have not been enough. */
export async function runSeries(request: SeriesRequest): Promise<SeriesFigures> {
  const tally = new Tally(request);
  await Promise.all(request.servers.map(async (harmed, worker) => {
    for (let round = worker; tally.wantsMore; round += request.servers.length) {
      await runProject(harmed, request.seed + round, tally);
    }
  }));
  return tally.figures(request.servers[0]?.striker.name ?? "");
}

async function runProject(harmed: HarmServer, seed: number, tally: Tally): Promise<void> {
  await using stage = await makeStage(harmed.server, seriesProject(seed, tally.request));
  for (let number = 0; number < tally.request.strikesPerProject && tally.wantsMore; number += 1) {
    const result = await replayCase(stage, harmed.striker, number);
    tally.add(`${seed} ${number} ${harmed.server.version}`, result);
  }
}

export function seriesProject(
  seed: number,
  request: Pick<SeriesRequest, "filesPerProject" | "kinds">,
): HarmProject {
  const kinds = request.kinds ?? (seed % 2 === 0 ? undefined : riskyKinds);
  return harmProject({ seed, files: request.filesPerProject, kinds, outside: "there" });
}

/** The case of that number of the stage's project. */
export function replayCase(
  stage: HarmStage,
  striker: Striker,
  number: number,
): Promise<CaseResult> {
  const random = seeded(stage.project.seed * 1_000_003 + number);
  return runCase(stage, planCase(stage, striker, random));
}

/** What the workers of a series have come to together. */
class Tally {
  readonly request: SeriesRequest;
  readonly #landedIn = new Map<string, number>();
  #runs = 0;
  #landed = 0;
  #resumed = 0;
  #byNamedCommand = 0;
  #worstSettledMs = 0;
  #faulty = 0;

  constructor(request: SeriesRequest) {
    this.request = request;
  }

  get wantsMore(): boolean {
    return this.#landed < this.request.strikes && this.#runs < this.request.strikes * 4;
  }

  /** `which`: the seed, the number of the case and the server's version. */
  add(which: string, result: CaseResult): void {
    this.#runs += 1;
    if (result.faults.length > 0) {
      this.#faulty += 1;
      this.request.onFault([`case ${which}:`, ...result.faults].join("\n"));
    }
    if (result.landed === 0) return;
    this.#landed += result.landed;
    for (const file of result.files) {
      const kind = file === "" ? "between files" : file.replace(/^\d+_|\.sql$/g, "");
      this.#landedIn.set(kind, (this.#landedIn.get(kind) ?? 0) + 1);
    }
    if (result.resumed) this.#resumed += 1;
    if (result.settledBy === "the command that was named") this.#byNamedCommand += 1;
    this.#worstSettledMs = Math.max(this.#worstSettledMs, result.settledMs);
  }

  figures(name: string): SeriesFigures {
    return {
      name,
      seed: this.request.seed,
      runs: this.#runs,
      landed: this.#landed,
      landedIn: this.#landedIn,
      resumed: this.#resumed,
      byNamedCommand: this.#byNamedCommand,
      worstSettledMs: this.#worstSettledMs,
      faulty: this.#faulty,
    };
  }
}
