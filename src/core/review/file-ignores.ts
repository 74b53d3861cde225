/** All ignore comments of a file, wherever they stand. */

import { sectionsOf } from "./file-sections.ts";
import type { Ignore, SourceFile } from "./source.ts";

export function ignoresOf(source: SourceFile): readonly Ignore[] {
  return [
    ...source.headerIgnores,
    ...sectionsOf(source).flatMap(({ statements, strayIgnores }) => [
      ...statements.flatMap(({ ignores }) => ignores),
      ...strayIgnores,
    ]),
  ];
}
