/** The settings that a connection asks of its session: those of `options`, and the others. */

import type { ServerTarget } from "./database-url.ts";

/**
 * Name and value of each, in the order in which the server takes them: what comes later wins.
 * Switches of `options` other than -c and --name=value are left out; they are no settings.
 */
export function askedSettings(
  target: Pick<ServerTarget, "startup" | "options">,
): readonly (readonly [name: string, value: string])[] {
  const words = optionWords(target.options ?? "");
  const settings: (readonly [string, string])[] = [];
  for (const [index, word] of words.entries()) {
    const text = words[index - 1] === "-c" ? word : /^(?:-c|--)(.+)$/s.exec(word)?.[1];
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text ?? "") ?? [];
    if (name === undefined || value === undefined) continue;
    // A minus sign in a name means an underscore.
    settings.push([name.replaceAll("-", "_"), value]);
  }
  return [...settings, ...Object.entries(target.startup)];
}

/** As the server splits them: at white space, unless a backslash stands before it. */
function optionWords(text: string): readonly string[] {
  const words = text.match(/(?:\\[\s\S]|[^\s\\])+/g) ?? [];
  return words.map((word) => word.replace(/\\([\s\S])/g, "$1"));
}
