/** `lint`: the judgement of a plan on files, without a database. */

import type { Command } from "./command.ts";

export const lintCommand: Command = {
  name: "lint",
  aliases: [],
  summary: "judge files without a database: what blocks, what breaks, what is wrong",
  argument: "[FILE…]",
  takesMany: true,
  options: ["since", "format", "output", "fail-on", "allow", "rules", "explain", "json"],
  run: async (context, _argument, paths) => {
    const { lint } = await import("../engine/lint.ts");
    return lint(context, paths);
  },
};
