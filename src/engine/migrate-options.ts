/** What a run is asked for, be it done or only written down. */

import type { Request, RollbackAmount } from "../core/plan.ts";
import type { PlanFile } from "../core/review/plan-file.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";

export interface MigrateOptions {
  readonly request: Request;
  /** What to do about a database that does not exist. */
  readonly missingDatabase: "create" | "refuse";
  /** The plan that the request comes from: nothing may have changed since it was made. */
  readonly approved?: PlanFile;
}

/** What `up` and `migrate` ask for, by the options that they share. */
export function upRequest({ config }: Context): Request {
  const { to, steps, strict } = config;
  return { kind: "up", to, steps, order: strict ? "strict" : "any" };
}

/** What `rollback` asks for. Throws `usage` where two options say how much. */
export function rollbackRequest({ config }: Context): Request {
  return { kind: "rollback", amount: amountOf(config) };
}

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
