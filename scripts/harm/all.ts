// Harms runs by the hundred (kills, crashes, races, bad lines) and prints one table of figures.
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
  [--cut N] [--only kill,terminate,crash,race,cut] [--kinds settings,partitions,…]
How many strikes, rounds of up against rollback, and messages cut at (0: all). The same seed makes
the same files and the same moments; a fault is told with the seed and the number of its case.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    kill: { type: "string", default: "500" },
    terminate: { type: "string", default: "200" },
    crash: { type: "string", default: "50" },
    race: { type: "string", default: "60" },
    cut: { type: "string", default: "0" },
    only: { type: "string", default: "kill,terminate,crash,race,cut" },
    kinds: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

const parts: Readonly<Record<string, () => Promise<readonly FiguresLine[]>>> = {
  kill: () => series("kill", () => onShared(killing)),
  terminate: () => series("terminate", () => onShared(terminating)),
  crash: () => series("crash", onOwn),
  race,
  cut,
};

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
      const what = `32 up at once, database ${database}, PostgreSQL ${version}`;
      tell(what, await raceUps(on, { seed, runs: 32, database }));
    }
  }
  const rounds = Number(values.race);
  tell("up against rollback", await raceRollbacks(await server(17), { seed, rounds }));
  return lines;
}

async function cut(): Promise<readonly FiguresLine[]> {
  const messages = Number(values.cut);
  const figures = await runCuts({
    seed,
    server: await server(17),
    ...(messages === 0 ? {} : { messages }),
    silenceEvery: 8,
    workers: 4,
    onFault,
  });
  return cutLines(figures);
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
  const lines: FiguresLine[] = [];
  for (const name of values.only.split(",")) {
    const part = parts[name];
    if (part === undefined) throw new Error(`there is no part ${name}\n${usage}`);
    console.error(`--- ${name}, seed ${seed}`);
    lines.push(...(await part()));
    console.error(figuresTable(lines.slice(-1)));
  }
  const minutes = (performance.now() - began) / 60_000;
  console.log(`\nseed ${seed}, ${minutes.toFixed(1)} minutes\n${figuresTable(lines)}`);
  return lines.some(({ faulty }) => faulty > 0) ? 1 : 0;
}

process.exit(await main());
