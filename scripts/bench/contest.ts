// Runs two programs in turn, in the same minutes on the same machine, and compares them pairwise.

/** One run of a program, and what makes the world as it must be before it. */
export interface Contestant {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What one round of a contest measured. */
export interface Ran {
  readonly ms: number;
  readonly peakMiB: number;
}

export interface Contest {
  /** As the table's row says it. */
  readonly what: string;
  /** The most that pgmate may take of the other's time. */
  readonly bound: number;
  readonly other: string;
  readonly rounds: number;
  /** Called before each run, which is not counted. */
  readonly pgmate: () => Promise<Contestant>;
  readonly rival: () => Promise<Contestant>;
}

export interface Verdict extends Pick<Contest, "what" | "bound" | "other" | "rounds"> {
  readonly pgmate: readonly Ran[];
  readonly rival: readonly Ran[];
  /** Median of the rounds' ratios, pgmate to the other. */
  readonly ratio: number;
}

/** The first round of each, which fills caches, is not counted; they take turns in who begins. */
export async function hold(contest: Contest): Promise<Verdict> {
  const ours: Ran[] = [];
  const theirs: Ran[] = [];
  for (let round = -1; round < contest.rounds; round += 1) {
    const pair: [Ran?, Ran?] = [];
    for (const turn of round % 2 === 0 ? [0, 1] : [1, 0]) {
      pair[turn] = await run(await (turn === 0 ? contest.pgmate() : contest.rival()));
    }
    const [our, their] = pair;
    if (round < 0 || our === undefined || their === undefined) continue;
    ours.push(our);
    theirs.push(their);
  }
  const ratio = median(ours.map(({ ms }, round) => ms / (theirs[round]?.ms ?? Number.NaN)));
  const { what, bound, other, rounds } = contest;
  return { what, bound, other, rounds, pgmate: ours, rival: theirs, ratio };
}

async function run({ command, cwd, env = {} }: Contestant): Promise<Ran> {
  const began = performance.now();
  const child = Bun.spawn([...command], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: cwd, TZ: "UTC", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [status, said] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  const ms = performance.now() - began;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${said}`);
  return { ms, peakMiB: (child.resourceUsage()?.maxRSS ?? Number.NaN) / 2 ** 20 };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** A row of the table: medians, their ratio, and what it was to be. */
export function verdictRow(verdict: Verdict): readonly string[] {
  const time = (runs: readonly Ran[]): string => duration(median(runs.map(({ ms }) => ms)));
  const { what, other, rounds, bound, ratio } = verdict;
  return [
    what, time(verdict.pgmate), `${other} ${time(verdict.rival)}`,
    ratio.toFixed(2), `at most ${bound}`, String(rounds),
  ];
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
