/** Asks git which files have changed. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";

/**
 * The files of the checkout that differ from where the branch left `revision`, in commits or in
 * the working tree, those git does not track included; as absolute paths. Files that are gone are
 * left out. Throws `tool` where git cannot tell.
 */
export async function changedSince(
  revision: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const here = (...args: readonly string[]): Promise<string> => run(args, environment, signal);
  const top = (await here("rev-parse", "--show-toplevel")).replace(/\r?\n$/, "");
  const git = (...args: readonly string[]): Promise<string> => here("-C", top, ...args);
  const base = (await git("merge-base", "--end-of-options", revision, "HEAD")).trim();
  const changed = await git("diff", "--name-only", "--no-relative", "-z", "--diff-filter=d", base);
  const untracked = await git("ls-files", "--others", "--exclude-standard", "-z");
  const names = [...changed.split("\0"), ...untracked.split("\0")];
  return names.filter((name) => name !== "").map((name) => join(top, name));
}

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<string> {
  const said: Buffer[] = [];
  const output: Buffer[] = [];
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("git", [...args], {
      env: environment, stdio: ["ignore", "pipe", "pipe"], signal, windowsHide: true,
    });
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.once("error", (cause) => reject(cannotRun(cause)));
    child.once("close", resolve);
  });
  if (status === 0) return Buffer.concat(output).toString("utf8");
  const [reason = ""] = Buffer.concat(said).toString("utf8").trim().split("\n");
  throw new PgmateError("tool", `git: ${reason || `exit status ${status}`}`, {
    hint:
      "is this a git checkout, and is the revision there? A shallow clone lacks it: " +
      "git fetch --unshallow",
  });
}

function cannotRun(cause: unknown): PgmateError {
  return new PgmateError("tool", "git cannot be run", {
    hint: "install git, or name the files: pgmate lint FILE",
    cause,
  });
}
