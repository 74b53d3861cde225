/** Puts the program together: arguments, environment, time, signals, exit status. */

import { isatty } from "node:tty";
import packageJson from "../package.json";
import type { Invocation } from "./cli.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Context } from "./engine/context.ts";
import type { ManualOutcome, Outcome, ReviewOutcome, StepResult } from "./engine/events.ts";
import { type ErrorCode, exitStatus, PgmateError } from "./errors.ts";
import { type ErrStyle, type Output, standardOutput } from "./report/output.ts";

/** A second signal within this time ends the program at once. */
const impatientMs = 1_000;
/** And within this time it is the same one. */
const sameMs = 50;
/** A stop that takes longer is told. */
const stoppingMs = 2_000;
const stoppingText =
  "Stopping: the server has not ended yet what it runs; two signals (Ctrl-C) within a second " +
  "leave at once\n";

/** How long after the end of its input a terminal's last signal may come. */
const hangupMs = 100;

/** What is known of the command line, and of what it did, for an error that comes after. */
interface Call {
  readonly argv: readonly string[];
  readonly done: StepResult[];
  /** What commands that are named to the user must say to mean the same database and ledger. */
  targetOptions: string;
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  const output = standardOutput(errStyle());
  const call: Call = { argv, done: [], targetOptions: "" };
  // A fault where nobody waits would end the program with 1, which means that the answer is no.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      void tell(error, output, call).then((status) => process.exit(status));
    });
  }
  try {
    const status = await obey(call, output);
    const failure = output.failure();
    if (failure === undefined) return status;
    if (call.done.length === 0) throw failure;
    const { describeProgress } = await import("./engine/progress-state.ts");
    throw failure.with({ state: describeProgress(call.done) });
  } catch (error) {
    return await tell(error, output, call);
  } finally {
    output.live?.clear();
  }
}

/** A terminal that calls itself dumb, or says nothing, cannot erase what it shows. */
function errStyle(): ErrStyle {
  const isTerminal = isatty(2);
  const hasColour = isTerminal && (process.env["NO_COLOR"] ?? "") === "";
  const canErase = isTerminal && !["", "dumb"].includes(process.env["TERM"] ?? "");
  return { errStyle: hasColour ? "colour" : "plain", live: canErase ? "live" : "lines" };
}

/** What a version or a page of help does not need is not even loaded. */
async function obey(call: Call, output: Output): Promise<number> {
  const { argv } = call;
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
    return printVersion(output);
  }
  const { manual, parseCommandLine } = await import("./cli.ts");
  const invocation = parseCommandLine(argv);
  switch (invocation.kind) {
    case "version":
      return printVersion(output);
    case "help": {
      const { helpText } = await import("./report/help.ts");
      output.out(helpText(manual, invocation.command));
      return 0;
    }
    case "command": {
      return runCommand(invocation, call, output);
    }
  }
}

function printVersion(output: Output): number {
  output.out(`pgmate version ${packageJson.version}\n`);
  return 0;
}

async function runCommand(
  invocation: Extract<Invocation, { kind: "command" }>,
  call: Call,
  output: Output,
): Promise<number> {
  const { argv, done } = call;
  const { envFiles, optionsOf } = await import("./cli.ts");
  const { interruptible } = await import("./engine/context.ts");
  const { noSettings, readSettings } = await import("./engine/settings.ts");
  const { eventPrinter, printOutcome } = await import("./report/reporter.ts");
  const { command, argument, passedOn, options } = invocation;
  call.targetOptions = targetOptions(options);
  const environment = { ...process.env };
  // The driver reads this one by itself, and refuses values that libpq takes.
  delete process.env["PGTARGETSESSIONATTRS"];
  const config = command.standsAlone === true ? noSettings() : readSettings({
    flags: options,
    taken: optionsOf(command).map((option) => option.name),
    environment,
    envFiles: envFiles(argv),
  });
  const style = {
    detail: config.verbose ? "verbose" : "normal",
    status: statusForm(config),
    format: config.json || config.format !== "text" ? "json" : "text",
    targetOptions: call.targetOptions,
  } as const;
  const { signal, onGone } = stopSignal(await ignoredNow(), (error) => {
    void tell(error, output, call).finally(() => process.exit(exitStatus(error.code)));
  });
  signal.addEventListener("abort", () => {
    setTimeout(() => output.err(stoppingText), stoppingMs).unref();
  });
  output.whenGone(onGone);
  const context: Context = {
    config,
    clock,
    identity: await identity(invocation, environment),
    emit: eventPrinter(output, style, done),
    signal,
    confirm: confirmation(output, signal),
  };
  const outcome = await interruptible(context, () => command.run(context, argument, passedOn));
  if (isReview(outcome)) await printReview(output, outcome, config);
  else if (isManual(outcome)) await printManual(output, outcome);
  else printOutcome(output, outcome, style);
  return statusOf(outcome);
}

function isReview(outcome: Outcome): outcome is ReviewOutcome {
  return outcome.kind === "review" || outcome.kind === "rules" || outcome.kind === "rule";
}

function isManual(outcome: Outcome): outcome is ManualOutcome {
  return outcome.kind === "completions" || outcome.kind === "man-page";
}

async function printManual(output: Output, outcome: ManualOutcome): Promise<void> {
  const { manual } = await import("./cli.ts");
  const { manualText } = await import("./report/manual-text.ts");
  output.out(await manualText(outcome, { ...manual, version: packageJson.version }));
}

/** To standard output, or into the file that was asked for; then a line tells of it. */
async function printReview(
  output: Output,
  outcome: ReviewOutcome,
  { format, outputFile }: Config,
): Promise<void> {
  const { reviewParts, verdictText } = await import("./report/review-output.ts");
  const hasColour = isatty(1) && outputFile === "" && (process.env["NO_COLOR"] ?? "") === "";
  const colour = hasColour ? "colour" : "plain";
  const parts = await reviewParts(outcome, { format, colour });
  if (outputFile === "") {
    for (const part of parts) output.out(part);
    return;
  }
  const { replaceFile } = await import("./disk/replace-file.ts");
  try {
    replaceFile(outputFile, Buffer.concat([...parts].map((part) => Buffer.from(part))));
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    throw error.with({ hint: "name another file with --output" });
  }
  output.err(`${verdictText(outcome)}Writing: ${outputFile}\n`);
}

function statusForm(config: Config): "none" | "json" | "long" | "short" {
  if (config.quiet) return "none";
  if (config.json) return "json";
  return config.long ? "long" : "short";
}

function statusOf(outcome: Outcome): number {
  const isNo =
    outcome.kind === "status" || outcome.kind === "difference"
      ? outcome.answer === "no"
      : outcome.kind === "review"
      ? outcome.document.answer === "no"
      : outcome.kind === "forced" && outcome.did === "declined";
  return isNo ? exitStatus("answer-no") : 0;
}

async function tell(
  error: unknown,
  output: Output,
  { argv, done, targetOptions }: Call,
): Promise<number> {
  const { asksForJson } = await import("./cli.ts");
  const { printError } = await import("./report/reporter.ts");
  const told = error instanceof PgmateError ? error : internalError(error);
  const steps = asksForJson(argv) ? done : undefined;
  printError(output, told, { steps, targetOptions });
  return exitStatus(told.code);
}

function internalError(cause: unknown): PgmateError {
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return new PgmateError("internal", `this is a fault in pgmate itself: ${reason}`, {
    hint: "look at the database with `pgmate status`, and report this with the text above",
    cause,
  });
}

async function identity(
  { command, argument, options, passedOn }: Extract<Invocation, { kind: "command" }>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Context["identity"]> {
  const { hostname, userInfo } = await import("node:os");
  return {
    version: packageJson.version,
    command: command.name,
    invocation: commandLine([command.name, argument], options, passedOn),
    host: hostname(),
    pid: process.pid,
    user: systemUser(userInfo) ?? environment["USER"] ?? "postgres",
    home: environment["HOME"] ?? "",
    platform: process.platform,
  };
}

/** These decide what a command is about; of the rest each command has its own. */
const targets: readonly string[] = [
  "env", "env-file", "migrations-dir", "migrations-table", "schema-file",
];

/** The URL may hold a password: that there was one is all that is told of it. */
function targetOptions(options: ReadonlyMap<string, readonly string[]>): string {
  const words = optionWords(options, (name) => targets.includes(name));
  return [...(options.has("url") ? ["--url=…"] : []), ...words].join(" ");
}

/** As it could be typed again, without the target options and the answer to a question. */
function commandLine(
  command: readonly string[],
  options: ReadonlyMap<string, readonly string[]>,
  passedOn: readonly string[],
): string {
  const words = optionWords(
    options,
    (name) => !["url", "resume", ...targets].includes(name),
  );
  const rest = passedOn.length === 0 ? [] : ["--", ...passedOn.map(quoted)];
  const named = command.filter((word) => word !== "").map(quoted);
  return ["pgmate", ...named, ...words, ...rest].join(" ");
}

function optionWords(
  options: ReadonlyMap<string, readonly string[]>,
  isMeant: (name: string) => boolean,
): readonly string[] {
  return [...options].filter(([name]) => isMeant(name)).flatMap(([name, values]) =>
    values.map((value) => quoted(value === "true" ? `--${name}` : `--${name}=${value}`)),
  );
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A container may run under a number that has no name. */
function systemUser(userInfo: () => { readonly username: string }): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, Math.max(0, ms));
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
    }),
  random: () => Math.random(),
};

interface Stop {
  readonly signal: AbortSignal;
  readonly onGone: Parameters<Output["whenGone"]>[0];
}

const hangupSignal = 1;
const stopReasons = [
  ["SIGINT", 2, "interrupted"],
  ["SIGTERM", 15, "terminated"],
  ["SIGHUP", hangupSignal, "hangup"],
] as const;

/**
 * A signal that is ignored when the program begins stays so: `nohup` and `trap '' HUP` mean it.
 * What comes twice at once was sent once, to all of the terminal's programs, and passed on by the
 * one that started this one.
 */
function stopSignal(ignored: ReadonlySet<number>, leave: (error: PgmateError) => void): Stop {
  const controller = new AbortController();
  let abortedAt = Number.NEGATIVE_INFINITY;
  for (const [name, number, reason] of stopReasons) {
    if (ignored.has(number)) continue;
    process.on(name, () => {
      const sinceMs = clock.now() - abortedAt;
      if (sinceMs < sameMs) return;
      if (sinceMs < impatientMs) return leave(leftAtOnce(reason));
      abortedAt = clock.now();
      controller.abort(reason);
    });
  }
  const onGone = (what: "pipe" | "terminal"): void => {
    if (what === "pipe") controller.abort("output-closed");
    else if (!ignored.has(hangupSignal)) controller.abort("hangup");
  };
  return { signal: controller.signal, onGone };
}

/** Other systems than Linux do not tell, or not all of them. */
async function ignoredNow(): Promise<ReadonlySet<number>> {
  try {
    const { ignoredSignals } = await import("./core/ignored-signals.ts");
    const { readIfThere } = await import("./disk/project-files.ts");
    return ignoredSignals(readIfThere("/proc/self/status") ?? "");
  } catch {
    return new Set();
  }
}

function leftAtOnce(reason: ErrorCode): PgmateError {
  return new PgmateError(reason, "left at once, at a second signal", {
    state: "the server ends what it runs within seconds; whether that was kept is not known",
    hint: "look with `pgmate status`",
  });
}

/** Both must be a terminal: an answer is worth nothing to a question that nobody has seen. */
function confirmation(output: Output, signal: AbortSignal): Context["confirm"] {
  if (!isatty(0) || !isatty(2)) return undefined;
  return (question) =>
    new Promise((resolve) => {
      const { stdin } = process;
      output.err(`${question} [y/N] `);
      const onAnswer = (line: Uint8Array): void => {
        end(/^y(es)?$/i.test(line.toString().trim()) ? "yes" : "no");
      };
      const onNone = (): void => {
        output.err("\n");
        end("no");
      };
      // A terminal that was closed sends a signal too, which says more.
      let timer: Timer | undefined;
      const onEnd = (): void => {
        timer = setTimeout(onNone, hangupMs);
      };
      function end(answer: "yes" | "no"): void {
        clearTimeout(timer);
        stdin.off("data", onAnswer);
        stdin.off("end", onEnd);
        stdin.off("error", onEnd);
        stdin.pause();
        signal.removeEventListener("abort", onNone);
        resolve(answer);
      }
      stdin.on("data", onAnswer);
      stdin.on("end", onEnd);
      stdin.on("error", onEnd);
      stdin.resume();
      signal.addEventListener("abort", onNone);
    });
}

process.exit(await main());
