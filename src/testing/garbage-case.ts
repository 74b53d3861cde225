/** One case of garbage: what was shown must hold no secret, and what was thrown must be ours. */
import { exitStatus, PgmateError } from "../errors.ts";
import { errorLines } from "../report/error-text.ts";
import { errorDocument, jsonText } from "../report/json-text.ts";
import { type Secret, traceOf } from "./garbage-secret.ts";
import { type Random, seeded } from "./seeded.ts";

/** What a case came to, where nothing is wrong with that. */
export interface Met {
  /** Everything that a person would see of it. */
  readonly shown: string;
  /** "ok", or the code of the error. */
  readonly outcome: string;
  /** None of these may show. */
  readonly secrets: readonly Secret[];
}

export interface GarbageKind {
  readonly name: string;
  /** Throws, or returns with a PgmateError rendered into what is shown. */
  readonly run: (random: Random) => Met;
}

export interface Finding {
  readonly kind: string;
  readonly seed: number;
  readonly what: "crash" | "secret" | "slow" | "status";
  readonly text: string;
}

export interface Tally {
  readonly outcomes: Map<string, number>;
  readonly findings: Finding[];
  slowestMs: number;
}

/** No case needs a tenth of it; a busy machine may take the program away for a while. */
const slowMs = 2_000;
const documented: ReadonlySet<number> = new Set([0, 1, 2, 3, 129, 130, 143]);

export function newTally(): Tally {
  return { outcomes: new Map(), findings: [], slowestMs: 0 };
}

/** Runs the cases with these seeds; `onCase` hears of each before it begins. */
export function runCases(
  kind: GarbageKind,
  seeds: { readonly first: number; readonly count: number },
  onCase: (seed: number) => void = () => undefined,
): Tally {
  const tally = newTally();
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed += 1) {
    onCase(seed);
    const began = performance.now();
    let met: Met | undefined;
    const find = (what: Finding["what"], text: string): void => {
      tally.findings.push({ kind: kind.name, seed, what, text });
    };
    try {
      met = kind.run(seeded(seed));
    } catch (error) {
      find("crash", error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const ms = performance.now() - began;
    tally.slowestMs = Math.max(tally.slowestMs, ms);
    if (ms > slowMs) find("slow", `${ms.toFixed(0)} ms`);
    const outcome = met?.outcome ?? "crash";
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    if (met !== undefined) for (const one of faultsIn(met)) find(one.what, one.text);
  }
  return tally;
}

/** What is wrong with what was shown. */
export function faultsIn(met: Met): readonly Pick<Finding, "what" | "text">[] {
  const found: Pick<Finding, "what" | "text">[] = [];
  for (const secret of met.secrets) {
    const trace = traceOf(secret, met.shown);
    if (trace === undefined) continue;
    const text = `${JSON.stringify(trace)} of ${JSON.stringify(secret.text)} in:\n${met.shown}`;
    found.push({ what: "secret", text });
  }
  if (holdsStack(met.shown)) found.push({ what: "crash", text: met.shown });
  return found;
}

/** A fault that was told as such, or the lines of a stack trace. */
export function holdsStack(shown: string): boolean {
  return shown.includes("fault in pgmate itself")
    || /\n\s+at (?:async )?[^\n]*(?:\(|\/)[^\n]*:\d+:\d+\)?/.test(shown)
    || /\b(?:TypeError|RangeError|ReferenceError|SyntaxError|UnhandledRejection)\b/.test(shown);
}

export function isDocumented(status: number): boolean {
  return documented.has(status);
}

/** Does the work, which adds to what is shown; a PgmateError is shown as people see it. */
export function attempt(
  secrets: readonly Secret[],
  work: (show: (text: string) => void) => void,
): Met {
  const shown: string[] = [];
  try {
    work((text) => shown.push(text));
    return { shown: shown.join("\n"), outcome: "ok", secrets };
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    if (!isDocumented(exitStatus(error.code))) shown.push("TypeError: an exit status of its own");
    shown.push(...errorLines(error, "plain"), jsonText(errorDocument(error, [])));
    return { shown: shown.join("\n"), outcome: error.code, secrets };
  }
}
