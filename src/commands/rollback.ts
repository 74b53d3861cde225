/** `rollback`: undoes what was applied last, or as much as is asked for. */

import type { RollbackAmount } from "../core/plan.ts";
import type { Context } from "../engine/context.ts";
import { PgmateError } from "../errors.ts";
import type { Command } from "./command.ts";

export const rollback: Command = {
  name: "rollback",
  aliases: ["down"],
  summary: "undo the migration that was applied last",
  argument: undefined,
  strayHint: (argument) =>
    argument.length < 5
      ? `to undo several: pgmate rollback --steps ${argument}`
      : `to undo what is newer than a version: pgmate rollback --to ${argument}`,
  options: ["steps", "to", "all", "resume", "dry-run", "json", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    return migrate(context, {
      request: { kind: "rollback", amount: amountOf(context.config) },
      missingDatabase: "refuse",
    });
  },
};

function amountOf({ steps, to, all }: Context["config"]): RollbackAmount {
  const given = [steps !== undefined, to !== undefined, all].filter(Boolean).length;
  if (given > 1) {
    throw new PgmateError("usage", "--steps, --to and --all exclude each other", {
      hint: "give one of them",
    });
  }
  if (all) return { kind: "all" };
  return to === undefined ? { kind: "steps", steps: steps ?? 1 } : { kind: "to", version: to };
}
