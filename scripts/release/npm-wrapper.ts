// The command of the npm package: runs this machine's pgmate and ends as it does. Runs in Node 18.
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { constants as system } from "node:os";
import { installedProgram } from "./installed-program.ts";

const isWindows = process.platform === "win32";

/** As pgmate's own errors that are no answer. */
const couldNot = 2;

/** Longer than pgmate takes two signals for a person who does not want to wait. */
const afterTerminalMs = 2_500;

function main(): void {
  const program = installedProgram();
  if ("problem" in program) return fail(program.problem);
  const args = process.argv.slice(2);
  if (!isWindows) become(program.path, args);
  run(program.path, args);
}

function fail(text: string): void {
  process.stderr.write(text);
  process.exitCode = couldNot;
}

/** Returns only where Node cannot do it: before 22.15, and on Windows. */
function become(path: string, args: readonly string[]): void {
  const { execve } = process;
  if (execve === undefined) return;
  try {
    // What cannot be run would end this process without a word.
    accessSync(path, constants.X_OK);
  } catch {
    return;
  }
  execve.call(process, path, [path, ...args], process.env);
}

function run(path: string, args: readonly string[]): void {
  const child = spawn(path, args, { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
    // A console of Windows tells all its programs; sent from here, it would end the child at once.
    if (isWindows && signal !== "SIGQUIT") process.on(signal, () => undefined);
    else if (!isWindows) process.on(signal, () => passOn(child, signal));
  }
  child.on("error", (error) => {
    fail(`Error: ${path} cannot be run: ${error.message}\n`
      + "Next: see whether it is for this machine: `npm ls --all pgmate`\n");
  });
  child.on("exit", (status, signal) => {
    if (signal === null) process.exit(status ?? couldNot);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Where the signal does not end this process.
    setTimeout(() => process.exit(128 + system.signals[signal]), 100);
  });
}

/**
 * A terminal sends its signals to all programs in front of it, and the child has had this one
 * then: a second one would mean that somebody does not want to wait. If it came from elsewhere
 * after all, the child is still there later.
 */
function passOn(child: ChildProcess, signal: NodeJS.Signals): void {
  const send = (): void => void child.kill(signal);
  if (signal === "SIGTERM" || !hasTerminal()) send();
  else setTimeout(send, afterTerminalMs);
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

main();
