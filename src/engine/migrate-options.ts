/** What a run is asked for, be it done or only written down. */

import type { Request } from "../core/plan.ts";
import type { Context } from "./context.ts";

export interface MigrateOptions {
  readonly request: Request;
  /** What to do about a database that does not exist. */
  readonly missingDatabase: "create" | "refuse";
}

/** What `up` and `migrate` ask for, by the options that they share. */
export function upRequest({ config }: Context): Request {
  const { to, steps, strict } = config;
  return { kind: "up", to, steps, order: strict ? "strict" : "any" };
}
