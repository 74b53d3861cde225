/** Puts the program together: arguments, environment, time, signals, exit status. */

import packageJson from "../package.json";
import type { Invocation } from "./cli.ts";
import type { Config, LogSettings } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Context } from "./engine/context.ts";
import type { ManualOutcome, ReviewOutcome, StepResult } from "./engine/events.ts";
import { type ErrorCode, exitStatus, PgmateError } from "./errors.ts";
import { type ErrStyle, isTerminal, type Output, standardOutput } from "./report/output.ts";
import type { Told } from "./report/program-event.ts";
import type { ReportStyle } from "./report/reporter.ts";

/** A second signal within this time ends the program at once. */
const impatientMs = 1_000;
/** And within this time it is the same one. */
const sameMs = 50;
/** A stop that takes longer is told. */
const stoppingMs = 2_000;

/** How long after the end of its input a terminal's last signal may come. */
const hangupMs = 100;

/** What is known of the command line, and of what it did, for an error that comes after. */
interface Call {
  readonly argv: readonly string[];
  readonly done: StepResult[];
  /** What commands that are named to the user must say to mean the same database and ledger. */
  targetOptions: string;
  /** Undefined until the settings have been read, and where the command line is no command. */
  command?: string;
  log?: LogSettings;
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
  const onTerminal = isTerminal(2);
  const hasColour = onTerminal && (process.env["NO_COLOR"] ?? "") === "";
  const canErase = onTerminal && !["", "dumb"].includes(process.env["TERM"] ?? "");
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
      if (invocation.errorCode !== undefined) {
        const { errorPageText } = await import("./report/error-page.ts");
        output.out(errorPageText(invocation.errorCode));
        if (invocation.command === undefined) return 0;
        output.out("\n");
      }
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
  const { resolveConfig, resolveLog } = await import("./config.ts");
  const { targetOptions } = await import("./core/command-line.ts");
  const { interruptible } = await import("./engine/context.ts");
  const { noSettings, readSettings } = await import("./engine/settings.ts");
  const { isManual, isReview, statusOf } = await import("./report/outcome-status.ts");
  const { noting, printOutcome } = await import("./report/reporter.ts");
  const { command, argument, passedOn, options } = invocation;
  call.command = command.name;
  call.targetOptions = targetOptions(options);
  const environment = { ...process.env };
  // The driver reads this one by itself, and refuses values that libpq takes.
  delete process.env["PGTARGETSESSIONATTRS"];
  const sources = command.standsAlone === true ? noSettings : readSettings({
    flags: options,
    taken: optionsOf(command).map((option) => option.name),
    environment,
    envFiles: envFiles(argv),
  });
  call.log = resolveLog(sources);
  const config = resolveConfig(sources);
  const style = reportStyle(config, call);
  const tellAll = noting(output, done, await printer(output, config, style));
  tellAll({ kind: "start", command: command.name, version: packageJson.version });
  const { signal, onGone } = stopSignal(await ignoredNow(), (error) => {
    void tell(error, output, call).finally(() => process.exit(exitStatus(error.code)));
  });
  signal.addEventListener("abort", () => {
    tellAll({ kind: "stop-requested", reason: signal.reason });
    setTimeout(() => tellAll({ kind: "stopping" }), stoppingMs).unref();
  });
  output.whenGone(onGone);
  const context: Context = {
    config,
    clock,
    identity: await identity(invocation, environment),
    emit: tellAll,
    signal,
    confirm: confirmation(signal, {
      ask: (text) => tellAll({ kind: "question", text }),
      unanswered: () => (style.logFormat === "text" ? output.err("\n") : undefined),
    }),
  };
  const outcome = await interruptible(context, () => command.run(context, argument, passedOn));
  let verdict: string | undefined;
  if (isReview(outcome)) verdict = await printReview(output, outcome, { config, tellAll });
  else if (isManual(outcome)) await printManual(output, outcome);
  else printOutcome(output, outcome, style);
  const status = statusOf(outcome);
  if (outcome.kind === "difference" && outcome.answer === "no") {
    tellAll({ kind: "schema-differs", difference: outcome });
  }
  if (output.failure() === undefined) {
    const ms = clock.now();
    tellAll({ kind: "done", command: command.name, outcome, verdict, ms, exitStatus: status });
  }
  return status;
}

function reportStyle(config: Config, { targetOptions }: Call): ReportStyle {
  const { verbose, json, format, quiet, logFormat, logLevel, outLevel } = config;
  return {
    detail: verbose ? "verbose" : "normal",
    status: statusForm(config),
    format: json || format !== "text" ? "json" : "text",
    targetOptions,
    logFormat,
    // What is printed as text was never a part of what --quiet leaves out: stdout holds the list.
    logLevel: quiet && logFormat === "json" && logLevel !== "error" ? "warn" : logLevel,
    outLevel,
  };
}

/** Of text, or of the lines of a log, which nothing else loads. */
async function printer(
  output: Output,
  { logFormat }: Config,
  style: ReportStyle,
): Promise<(told: Told) => void> {
  if (logFormat === "text") {
    const { textPrinter } = await import("./report/reporter.ts");
    return textPrinter(output, style);
  }
  const { logPrinter } = await import("./report/log.ts");
  const { logLevel: level, targetOptions } = style;
  return logPrinter({ output, date: clock.date, level, targetOptions });
}

async function printManual(output: Output, outcome: ManualOutcome): Promise<void> {
  const { manual } = await import("./cli.ts");
  const { manualText } = await import("./report/manual-text.ts");
  output.out(await manualText(outcome, { ...manual, version: packageJson.version }));
}

/** To standard output, or into the file that was asked for; then that is told. */
async function printReview(
  output: Output,
  outcome: ReviewOutcome,
  { config, tellAll }: { readonly config: Config; readonly tellAll: (told: Told) => void },
): Promise<string | undefined> {
  const { reviewParts, verdictText, verdictWord } = await import("./report/review-output.ts");
  const { format, outputFile } = config;
  const hasColour = isTerminal(1) && outputFile === "" && (process.env["NO_COLOR"] ?? "") === "";
  const colour = hasColour ? "colour" : "plain";
  const parts = await reviewParts(outcome, { format, colour });
  if (outputFile === "") {
    for (const part of parts) output.out(part);
    return verdictWord(outcome);
  }
  const { replaceFile } = await import("./disk/replace-file.ts");
  try {
    replaceFile(outputFile, Buffer.concat([...parts].map((part) => Buffer.from(part))));
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    throw error.with({ hint: "name another file with --output" });
  }
  tellAll({ kind: "review-written", path: outputFile, verdict: verdictText(outcome) });
  return verdictWord(outcome);
}

function statusForm(config: Config): "none" | "json" | "long" | "short" {
  if (config.quiet) return "none";
  if (config.json) return "json";
  return config.long ? "long" : "short";
}

async function tell(error: unknown, output: Output, call: Call): Promise<number> {
  const { asksForJson, asksForJsonLog } = await import("./cli.ts");
  const { printError, printErrorDocument, shownError } = await import("./report/reporter.ts");
  const { argv, done, targetOptions, command, log } = call;
  const shown = shownError(error, output, targetOptions);
  const status = exitStatus(shown.code);
  if (asksForJson(argv)) printErrorDocument(output, shown, done);
  const isLog = log === undefined
    ? asksForJsonLog(argv, process.env["LOG_FORMAT"])
    : log.logFormat === "json";
  if (isLog) {
    const { logError } = await import("./report/log.ts");
    const facts = { command, done, ms: clock.now(), exitStatus: status };
    logError({ output, date: clock.date }, shown, facts);
  } else printError(output, shown);
  return status;
}

async function identity(
  { command, argument, options, passedOn }: Extract<Invocation, { kind: "command" }>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Context["identity"]> {
  const { commandLine } = await import("./core/command-line.ts");
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
function confirmation(
  signal: AbortSignal,
  { ask, unanswered }: { readonly ask: (text: string) => void; readonly unanswered: () => void },
): Context["confirm"] {
  if (!isTerminal(0) || !isTerminal(2)) return undefined;
  return (question) =>
    new Promise((resolve) => {
      const { stdin } = process;
      ask(question);
      const onAnswer = (line: Uint8Array): void => {
        end(/^y(es)?$/i.test(line.toString().trim()) ? "yes" : "no");
      };
      const onNone = (): void => {
        unanswered();
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
