/** Warns of what is odd about a history, before a run or a dry run. */

import type { History } from "../core/history.ts";
import type { Plan } from "../core/plan.ts";
import type { Context } from "./context.ts";

/** One line for each kind of thing, however many of it there are; for what is about to run. */
export function tellDisorder(context: Context, history: History, plan: Plan): void {
  const warn = (message: string): void => context.emit({ kind: "warning", message });
  const late = plan.outOfOrder.map((file) => file.name);
  if (late.length > 0) {
    const then = context.config.dryRun ? "would be applied" : "applied now";
    const { command } = context.identity;
    const strict = command === "up" || command === "migrate" ? " (--strict refuses this)" : "";
    warn(`older than what is already applied, and ${then} all the same: ${listed(late)}${strict}`);
  }
  if (history.mixedWidths && plan.steps.length > 1) {
    warn(
      "versions have different widths, and files run in the order of their names: " +
        "10_x.sql comes before 9_x.sql",
    );
  }
  const missing = history.missing.map((row) => row.version);
  if (missing.length === 1) warn(`version ${listed(missing)} is applied but has no file here`);
  if (missing.length > 1) {
    warn(`${missing.length} versions are applied but have no files here: ${listed(missing)}`);
  }
}

/** A few names, and how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length <= 5) return names.join(", ");
  return `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}
