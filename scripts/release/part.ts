// What is known of a piece of somebody else's work that lies in the binary.
import type { Target } from "./target.ts";

export interface Part {
  readonly name: string;
  /** Where it is not known, the package or runtime that it is a part of says it. */
  readonly version?: string | undefined;
  /** An SPDX expression; what stands behind LicenseRef- is in `notice`. */
  readonly licence: string;
  /** Who holds the rights, as its licence names them. */
  readonly holders: string;
  /** Where its source is. */
  readonly source: string;
  /** The text itself, where no list has it. */
  readonly notice?: string;
  /** Only in binaries for these machines. */
  readonly only?: (target: Target) => boolean;
}

/** The licences that an expression names and a list has the text of. */
export function licenceIds(expression: string): readonly string[] {
  // GCC's exception lets what was compiled with it go under any terms; LLVM's adds a right.
  const left = expression
    .replaceAll(/\S+ WITH GCC-exception-3\.1/g, "")
    .replaceAll(/ WITH \S+/g, "");
  const words = left.split(/[\s()]+/).filter((word) => !["AND", "OR", ""].includes(word));
  return words.filter((word) => !word.startsWith("LicenseRef-"));
}
