/** The page of one error code: what it means, what state things are in, what to do. */

import { type ErrorCode, exitStatus } from "../errors.ts";
import { errorMeanings } from "./error-meaning.ts";
import { labelled, textWidth, wrappedLines } from "./review-lines.ts";

const column = 7;

/** What holds where a meaning names no state of its own. */
export const untouchedState = "nothing was changed";

/** Ends with a line end. */
export function errorPageText(code: ErrorCode): string {
  const { means, state = untouchedState, cure } = errorMeanings[code];
  const part = (label: string, text: string): readonly string[] =>
    labelled(label, wrappedLines(text, textWidth - column), { indent: 0, column, style: "plain" });
  return [
    `${code}: error code, exit status ${exitStatus(code)}`,
    "",
    ...part("means", means),
    ...part("state", state),
    ...part("cure", cure),
    "",
  ].join("\n");
}
