/** The sections of a file, in the two orders in which they are looked at. */

import type { Direction } from "../migration.ts";
import type { SourceFile, SourceSection } from "./source.ts";

/** All of them as they stand in the file. */
export function sectionsOf({ ups, downs }: SourceFile): readonly SourceSection[] {
  return [...ups, ...downs].sort((left, right) => left.offset - right.offset);
}

/** Those of one direction as they run: ups as they stand, downs from the last to the first. */
export function sectionsInOrder(
  source: SourceFile,
  direction: Direction,
): readonly SourceSection[] {
  return direction === "up" ? source.ups : [...source.downs].reverse();
}
