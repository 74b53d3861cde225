/** What `completions` and `man` print. */

import type { ManualOutcome } from "../engine/events.ts";
import { completionWords } from "./completion-words.ts";
import type { VersionedManual } from "./manual.ts";

/** The whole text, the same bytes for the same version of pgmate. */
export async function manualText(
  outcome: ManualOutcome,
  manual: VersionedManual,
): Promise<string> {
  if (outcome.kind === "man-page") return (await import("./man-page.ts")).manPage(manual);
  const words = completionWords(manual);
  switch (outcome.shell) {
    case "bash":
      return (await import("./completions-bash.ts")).bashCompletions(words);
    case "zsh":
      return (await import("./completions-zsh.ts")).zshCompletions(words);
    case "fish":
      return (await import("./completions-fish.ts")).fishCompletions(words);
  }
}
