/** `man`: pgmate's manual page. */

import type { Command } from "./command.ts";

export const man: Command = {
  name: "man",
  aliases: [],
  summary: "print the manual page, for man to show",
  argument: undefined,
  standsAlone: true,
  options: [],
  run: () => Promise.resolve({ kind: "man-page" }),
};
