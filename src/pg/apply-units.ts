/** Runs a step that is not one transaction: its units, then its row in the ledger. */

import type { Step } from "../core/step.ts";
import { beginRowSql } from "../core/step-sql.ts";
import { sectionTimeouts, type Timeouts } from "../core/timeouts.ts";
import { type Applied, cleanly, rowSql, sendTransaction, titleOf } from "./apply.ts";
import { Sender } from "./sender.ts";
import { UnitRunner, type UnitsContext } from "./unit-runner.ts";

/**
 * Units one by one, each committed by itself; the row comes when all are done. Throws as
 * `applyTransaction` does, but the units that were committed before stay; `progress` knows them.
 */
export async function applyUnits(
  context: UnitsContext,
  step: Step,
  progress: { unitsDone: number },
): Promise<Applied> {
  return cleanly(context, async () => {
    const began = context.clock.now();
    progress.unitsDone = context.from.unit - 1;
    const sender = new Sender(context, titleOf(step));
    if (context.sessionIs === "used") {
      for (const sql of context.resetSql) sender.own("reset", sql);
    }
    const unready = await sender.flush();
    if (unready !== undefined) return unready;
    const runner = new UnitRunner(context, step, sender, progress);
    const failure = await runner.run();
    if (failure !== undefined) return failure;
    for (;;) {
      const unrecorded = await sendTransaction(context, sender, {
        begin: beginRowSql,
        sections: [],
        ledger: () => rowSql(context, step, context.clock.now() - began),
        before: lastTimeouts(context, step),
      });
      if (unrecorded === undefined) return { kind: "done", lastRowCount: sender.lastRowCount };
      if (await context.retry(unrecorded, { workedMs: 0 })) continue;
      return { ...unrecorded, unitsDone: progress.unitsDone };
    }
  });
}

/** The marker's of the last section hold for the session; a bound on statements must not stay. */
function lastTimeouts({ timeouts }: UnitsContext, step: Step): Partial<Timeouts> | undefined {
  const last = step.sections.at(-1);
  if (last === undefined) return undefined;
  const { statementTimeoutMs } = sectionTimeouts(last, timeouts);
  return { statementTimeoutMs };
}
