/** What the harmful runs came to, as the lines of one table. */
import type { CutsFigures } from "./harm-cuts.ts";
import type { RaceFigures } from "./harm-race.ts";
import type { SeriesFigures } from "./harm-series.ts";

/** The sum of what went wrong stands at the end of the line. */
export interface FiguresLine {
  readonly what: string;
  readonly runs: number;
  readonly details: string;
  readonly faulty: number;
}

export function figuresTable(lines: readonly FiguresLine[]): string {
  const rows = [
    ["what", "runs", "faulty", ""],
    ...lines.map(({ what, runs, faulty, details }) => {
      return [what, String(runs), String(faulty), details];
    }),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map(([what = "", runs = "", faulty = "", details = ""]) => {
    const [first = 0, second = 0, third = 0] = widths;
    return `${what.padEnd(first)}  ${runs.padStart(second)}  ${faulty.padStart(third)}  ${details}`;
  }).join("\n");
}

export function seriesLine(figures: SeriesFigures): FiguresLine {
  const { name, seed, runs, landed, landedIn, resumed, byNamedCommand, faulty } = figures;
  const inFiles = [...landedIn.values()].reduce((sum, one) => sum + one, 0)
    - (landedIn.get("between files") ?? 0);
  return {
    what: name,
    runs,
    faulty,
    details: `seed ${seed}: ${landed} strikes, ${inFiles} of them in the midst of a file; `
      + `${resumed} resumed, ${byNamedCommand} by another command; `
      + `all well at most ${seconds(figures.worstSettledMs)} after the strike`,
  };
}

export function raceLine(what: string, figures: RaceFigures): FiguresLine {
  const { runs, workers, ms, expectedErrors, faults } = figures;
  const errors = [...expectedErrors].map(([line, times]) => `${times} × ${line}`);
  return {
    what,
    runs,
    faulty: faults.length,
    details: `${workers} did something, ${seconds(ms)}; in the server's log: `
      + (errors.join(", ") || "nothing"),
  };
}

export function cutLines({ messages, rows }: CutsFigures): readonly FiguresLine[] {
  return rows.map(({ kind, runs, struck, askedToStop, worstMs, faulty }) => ({
    what: `line of ${kind}`,
    runs,
    faulty,
    details: `${struck} struck, of ${messages} messages there and back`
      + (kind.endsWith("silence") ? `; ${askedToStop} went on until they were asked to stop` : "")
      + `; longest ${seconds(worstMs)}`,
  }));
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
