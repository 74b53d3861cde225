// Puts the program itself in the place of the npm package's command, which saves Node's start.
import { spawnSync } from "node:child_process";
import { linkSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { installedProgram } from "./installed-program.ts";

/** The command stays as it is where this cannot be done; it does the same, a little slower. */
function main(): void {
  const program = installedProgram();
  // Windows runs it by its name's ending; Yarn starts commands with Node, whatever they are.
  const isYarn = /\byarn\//.test(process.env["npm_config_user_agent"] ?? "");
  if ("problem" in program || process.platform === "win32" || isYarn) return;
  // One that cannot run here is left to the command, which says so.
  if (spawnSync(program.path, ["--version"]).status !== 0) return;
  const command = join(dirname(process.argv[1] ?? ""), "bin/pgmate");
  const made = `${command}-${process.pid}`;
  try {
    linkSync(program.path, made);
    renameSync(made, command);
  } catch {
    rmSync(made, { force: true });
  }
}

main();
