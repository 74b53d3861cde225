// Harms runs by the hundred (kills, crashes, races, bad lines, garbage, size): all figures of it.
import { parseArgs } from "node:util";
import { runCuts } from "../../src/testing/harm-cuts.ts";
import {
  cutLines, type FiguresLine, figuresTable, raceLine, seriesLine,
} from "../../src/testing/harm-figures.ts";
import { type RaceFigures, raceRollbacks, raceUps } from "../../src/testing/harm-race.ts";
import { type HarmServer, runSeries } from "../../src/testing/harm-series.ts";
import { crashing, killing, terminating } from "../../src/testing/harm-strikers.ts";
import { startRestartingServer } from "../../src/testing/restarting-server.ts";
import { server, serverVersions } from "../../src/testing/servers.ts";

const usage = `bun scripts/harm/all.ts [--seed N] [--kill N] [--terminate N] [--crash N] [--race N]
  [--cut N] [--garbage N] [--size MIB] [--only kill,terminate,crash,race,cut,garbage,size]
  [--kinds settings,partitions,…]
How many strikes, rounds of up against rollback, messages cut at (0: all) and bad inputs, and how
large a file is. The same seed makes the same files and the same moments; a fault is told with the
seed and the number of its case.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    kill: { type: "string", default: "500" },
    terminate: { type: "string", default: "200" },
    crash: { type: "string", default: "50" },
    race: { type: "string", default: "60" },
    cut: { type: "string", default: "0" },
    garbage: { type: "string", default: "100000" },
    size: { type: "string", default: "1024" },
    only: { type: "string", default: "kill,terminate,crash,race,cut,garbage,size" },
    kinds: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  kill: () => ofLines(series("kill", () => onShared(killing))),
  terminate: () => ofLines(series("terminate", () => onShared(terminating))),
  crash: () => ofLines(series("crash", onOwn)),
  race: () => ofLines(race()),
  cut: () => ofLines(cut()),
  garbage: () => ofScript("garbage.ts", values.garbage, values.seed),
  size: () => ofScript("size.ts", values.size),
};

interface Part {
  readonly lines: readonly FiguresLine[];
  /** A table of its own, where the figures are others. */
  readonly table?: string;
  readonly isWell: boolean;
}

async function ofLines(counted: Promise<readonly FiguresLine[]>): Promise<Part> {
  const lines = await counted;
  return { lines, isWell: lines.every(({ faulty }) => faulty === 0) };
}

/** Exits otherwise than with 0 where something is not as it must be. */
async function ofScript(name: string, ...words: readonly string[]): Promise<Part> {
  const command = [process.execPath, `${import.meta.dir}/${name}`, ...words];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const table = await new Response(child.stdout).text();
  return { lines: [], table, isWell: (await child.exited) === 0 };
}

async function series(
  part: "kill" | "terminate" | "crash",
  makeServers: () => Promise<readonly HarmServer[]>,
): Promise<readonly FiguresLine[]> {
  const figures = await runSeries({
    seed,
    strikes: Number(values[part]),
    filesPerProject: 10,
    strikesPerProject: 25,
    ...(values.kinds === undefined ? {} : { kinds: values.kinds.split(",") }),
    servers: await makeServers(),
    onFault,
  });
  return [seriesLine(figures)];
}

/** Every version in turn; what waits leaves the processor to others, so more than there are. */
async function onShared(striker: HarmServer["striker"]): Promise<readonly HarmServer[]> {
  return Promise.all(serverVersions.map(async (version) => {
    return { server: await server(version), striker };
  }));
}

async function onOwn(): Promise<readonly HarmServer[]> {
  return Promise.all(serverVersions.map(async (version) => {
    const own = await startRestartingServer({ version });
    return { server: own, striker: crashing(own) };
  }));
}

async function race(): Promise<readonly FiguresLine[]> {
  const lines: FiguresLine[] = [];
  const tell = (what: string, figures: RaceFigures): void => {
    if (figures.faults.length > 0) onFault([what, ...figures.faults].join("\n"));
    lines.push(raceLine(what, figures));
  };
  for (const version of serverVersions) {
    const on = await server(version);
    for (const database of ["there", "missing"] as const) {
      const figures = await raceUps(on, { seed, runs: 32, database });
      tell(`32 up at once, database ${database}, PostgreSQL ${version}`, figures);
    }
  }
  const rounds = Number(values.race);
  tell("up against rollback", await raceRollbacks(await server(17), { seed, rounds }));
  return lines;
}

async function cut(): Promise<readonly FiguresLine[]> {
  const messages = Number(values.cut);
  const some = { ...(messages === 0 ? {} : { messages }), silenceEvery: 8, workers: 4 };
  return cutLines(await runCuts({ seed, server: await server(17), ...some, onFault }));
}

function onFault(text: string): void {
  console.error(`\n=== FAULT\n${text}`);
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const began = performance.now();
  const done: Part[] = [];
  for (const name of values.only.split(",")) {
    const part = parts[name];
    if (part === undefined) throw new Error(`there is no part ${name}\n${usage}`);
    console.error(`--- ${name}, seed ${seed}`);
    const figures = await part();
    console.error(figures.table ?? figuresTable(figures.lines));
    done.push(figures);
  }
  const minutes = (performance.now() - began) / 60_000;
  console.log(`\nseed ${seed}, ${minutes.toFixed(1)} minutes`);
  const lines = done.flatMap((part) => part.lines);
  const tables = done.flatMap(({ table }) => table ?? []);
  console.log([...(lines.length === 0 ? [] : [figuresTable(lines)]), ...tables].join("\n\n"));
  return done.every(({ isWell }) => isWell) ? 0 : 1;
}

process.exit(await main());
