/** `completions`: what a shell needs to complete pgmate's command line. */

import { shells } from "../core/shell.ts";
import { PgmateError } from "../errors.ts";
import type { Command } from "./command.ts";

export const completions: Command = {
  name: "completions",
  aliases: [],
  summary: "print what makes a shell complete commands, options and versions",
  argument: shells.join("|"),
  argumentValues: shells,
  standsAlone: true,
  options: [],
  run: (_context, name) => {
    const shell = shells.find((one) => one === name);
    if (shell !== undefined) return Promise.resolve({ kind: "completions", shell });
    const names = shells.join(", ");
    throw new PgmateError("usage", `there are no completions for ${JSON.stringify(name)}`, {
      hint: `there are some for ${names}: pgmate completions bash`,
    });
  },
};
