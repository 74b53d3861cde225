/** What half-run steps have left in the database that `force` makes nobody's business. */

import type { Forced } from "../core/force.ts";
import { readNote } from "../core/unit-note.ts";
import type { Session } from "../pg/session.ts";
import { settle } from "../pg/unit-catalog.ts";

/** As warnings, to be asked for before the journal forgets it: nobody would ever drop it. */
export async function leftBehind(
  session: Session,
  { versions }: Forced,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const rows = versions.flatMap(({ unfinished }) => unfinished.flatMap((step) => step.rows));
  for (const { unit, state, note: text } of rows) {
    const note = state === "done" ? undefined : readNote(text);
    if (note === undefined) continue;
    const { leftovers, finish } = await settle(session, note);
    const made = `left by statement ${unit}`;
    for (const { sqlName } of leftovers) {
      const drop = `\`drop index concurrently ${sqlName};\``;
      warnings.push(`the index ${sqlName}, ${made}, stays INVALID: ${drop}`);
    }
    if (finish === undefined) continue;
    warnings.push(`a partition, ${made}, is half detached: \`${finish};\``);
  }
  return warnings;
}
