/** What steps that were done before something went wrong leave, as a state to tell. */

import { listed } from "./disorder.ts";
import type { StepResult } from "./events.ts";

/** With none of them nothing was changed. */
export function describeProgress(results: readonly StepResult[]): string {
  if (results.length === 0) return "nothing was changed";
  const names = results.map(({ file, direction }) =>
    direction === "up" ? `${file.name} applied` : `${file.name} rolled back`,
  );
  return `done before that: ${listed(names)}`;
}
