/** Finds where the source breaks the house rules, and which exceptions nothing needs any more. */
import { importViolations } from "./structure-imports.ts";
import type { Violation } from "./structure-source.ts";
import { parseSources } from "./structure-source.ts";
import type { Exception } from "./structure-table.ts";
import { textViolations } from "./structure-text.ts";
import { treeViolations } from "./structure-tree.ts";

/** Every violation in the files, which are given as path → text. */
export async function checkStructure(
  files: Readonly<Record<string, string>>,
  exceptions: readonly Exception[] = [],
): Promise<readonly Violation[]> {
  const sources = await parseSources(files);
  const found = [
    ...importViolations(sources),
    ...sources.flatMap(treeViolations),
    ...sources.flatMap(textViolations),
  ];
  const fits = (exception: Exception, { rule, path, message }: Violation): boolean => {
    return exception.rule === rule && exception.path === path
      && message.includes(exception.about ?? "");
  };
  const left = found.filter((one) => !exceptions.some((exception) => fits(exception, one)));
  const idle = exceptions.filter((exception) => !found.some((one) => fits(exception, one)));
  const message = "nothing needs this exception any more";
  return [...left, ...idle.map(({ path }) => ({ rule: "exception", path, line: 1, message }))];
}
