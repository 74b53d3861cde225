/** Runs the `run` steps of a GitHub workflow's job in bash, as a runner does, without GitHub. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import { binary } from "./program.ts";
import type { WorkflowStep } from "./readme-example.ts";

export interface Runner {
  readonly folder: string;
  /** What a runner sets by itself: GITHUB_SHA and the like. */
  readonly env: Readonly<Record<string, string>>;
  /** `secrets.NAME` and what else stands in `${{ }}` → its value. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Programs that only write their words down, a line each, in the file `NAME.log`. */
  readonly writtenDown: readonly string[];
  /** Programs that are called as they are: name → path. */
  readonly programs?: Readonly<Record<string, string>>;
}

export interface StepRun {
  readonly run: string;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Like a runner it leaves out what follows a failure, but for `!cancelled()`. */
export async function runJob(
  steps: readonly WorkflowStep[],
  runner: Runner,
): Promise<readonly StepRun[]> {
  const path = await layOutPrograms(runner);
  const ended: StepRun[] = [];
  for (const { run, env, if: condition } of steps) {
    if (run === undefined) continue;
    const hasFailed = ended.some(({ status }) => status !== 0);
    if (condition !== undefined && condition !== "${{ !cancelled() }}") {
      throw new PgmateError("tool", `this condition is not known: ${condition}`);
    }
    if (hasFailed && condition === undefined) continue;
    const given = Object.entries(env ?? {}).map(([name, value]) => {
      return [name, evaluated(value, runner.contexts)] as const;
    });
    const script = evaluated(run, runner.contexts);
    const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", script], {
      cwd: runner.folder,
      encoding: "utf8",
      env: { ...runner.env, ...Object.fromEntries(given), PATH: path, HOME: runner.folder },
    });
    ended.push({ run, status: status ?? -1, stdout, stderr });
  }
  return ended;
}

function evaluated(text: string, contexts: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, name: string) => {
    const value = contexts[name];
    if (value === undefined) throw new PgmateError("tool", `nobody knows $\{{ ${name} }}`);
    return value;
  });
}

/** `npx pgmate` is the binary that was built, and `npm ci` has nothing to install. */
async function layOutPrograms(runner: Runner): Promise<string> {
  const folder = join(runner.folder, "node_modules/.bin");
  await mkdir(folder, { recursive: true });
  const scripts = {
    npm: '[ "$*" = ci ]',
    npx: `[ "$1" = pgmate ] || exit 127\nshift\nexec "${binary}" "$@"`,
    ...Object.fromEntries(runner.writtenDown.map((name) => {
      return [name, `echo "$*" >>"${runner.folder}/${name}.log"`];
    })),
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  for (const [name, path] of Object.entries(runner.programs ?? {})) {
    await symlink(path, join(folder, name)).catch(() => undefined);
  }
  return `${folder}:/usr/local/bin:/usr/bin:/bin`;
}
